using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Gateway.Status;
using Nightshift.Gateway.Tests.Hosting;

namespace Nightshift.Gateway.Tests.Status;

public sealed class StatusEndpointTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Services_that_are_down_are_shown_as_down()
    {
        await using var gateway = await RunningGateway.Start(upstream: null);
        using var client = gateway.Client("vera");
        var text = await client.GetStringAsync("/status", Cancel);
        foreach (var name in new[] { "Scheduler", "Executor", "Webhooks", "Self-Healing", "Escalation" })
            Assert.Contains($"\n{name}: Down (not running)\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_given_to_whoever_asks_for_it()
    {
        await using var service = await Upstream.Start(app =>
            app.MapGet(
                "/internal/status",
                () =>
                    new
                    {
                        state = "Healthy",
                        ok = true,
                        since = "2026-01-31T09:00:00Z",
                        actions = new[] { new { at = "2026-01-31T09:15:00Z", text = "Restarted web" } },
                    }
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client("vera");
        client.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        var status = await client.GetFromJsonAsync<JsonElement>("/status", Cancel);
        Assert.True(status.GetProperty("ok").GetBoolean());
        Assert.Equal(
            ["Scheduler", "Executor", "Webhooks", "Self-Healing", "Escalation"],
            status.GetProperty("services").EnumerateArray().Select(x => x.GetProperty("name").GetString())
        );
        Assert.Equal("Restarted web", status.GetProperty("recentActions")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_browser_gets_the_page_without_a_token()
    {
        await using var gateway = await RunningGateway.Start(upstream: null);
        using var client = gateway.Client();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
        using var answer = await client.GetAsync("/status", Cancel);
        Assert.Equal(
            (HttpStatusCode.OK, "text/html"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType)
        );
        Assert.Contains(
            "default-src 'none'",
            answer.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_gateway_is_alive_but_not_ready_while_services_are_down_and_says_which()
    {
        await using var gateway = await RunningGateway.Start(upstream: null);
        using var client = gateway.Client();
        foreach (var path in new[] { "/healthz", "/livez" })
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(path, Cancel)).StatusCode);
        using var answer = await client.GetAsync("/readyz", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var ready = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal("not ready", ready.GetProperty("status").GetString());
        Assert.Equal("not running", ready.GetProperty("services").GetProperty("healer").GetString());
    }

    [Fact]
    public async Task A_service_that_is_not_ready_is_named_with_the_checks_that_fail()
    {
        await using var service = await Upstream.Start(app =>
            app.MapGet(
                "/readyz",
                () =>
                    Results.Json(
                        new { status = "Unhealthy", problems = new { postgres = "PostgreSQL does not answer" } },
                        statusCode: 503
                    )
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client();
        using var answer = await client.GetAsync("/readyz", Cancel);
        var ready = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal("not ready: postgres", ready.GetProperty("services").GetProperty("healer").GetString());
    }

    [Fact]
    public async Task An_answer_that_no_service_of_ours_gives_is_shown_as_such()
    {
        await using var service = await Upstream.Echo("any");
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client("vera");
        Assert.Contains(
            "Scheduler: Down (answer not understood)",
            await client.GetStringAsync("/status", Cancel),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Every_answer_forbids_guessing_its_type_and_keeping_it()
    {
        await using var service = await Upstream.Start(app =>
            app.MapGet("/api/v2/dags", (HttpContext context) => context.Response.Headers.Server = "Kestrel")
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client("vera");
        foreach (var path in new[] { "/api/v2/dags", "/status", "/nowhere", "/healthz" })
        {
            using var answer = await client.GetAsync(path, Cancel);
            Assert.Equal(
                ("nosniff", "no-store", false),
                (
                    string.Concat(answer.Headers.GetValues("X-Content-Type-Options")),
                    answer.Headers.CacheControl?.ToString(),
                    answer.Headers.Contains("Server")
                )
            );
        }
    }

    [Fact]
    public async Task The_gateway_is_ready_when_every_service_is()
    {
        await using var service = await Upstream.Echo("any");
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client();
        var ready = await client.GetFromJsonAsync<JsonElement>("/readyz", Cancel);
        Assert.Equal("ready", ready.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_killed_supervisor_is_said_and_a_running_one_is_not()
    {
        using var supervisor = Process.Start("sleep", "1000");
        await using var gateway = await RunningGateway.Start(
            upstream: null,
            $"--Nightshift:Supervisor:Process={supervisor.Id} {Started(supervisor.Id)} {Boot}"
        );
        using var client = gateway.Client("vera");
        Assert.DoesNotContain("Supervisor", await client.GetStringAsync("/status", Cancel), StringComparison.Ordinal);

        supervisor.Kill();
        await supervisor.WaitForExitAsync(Cancel);

        Assert.Contains(
            "\nSupervisor: not running; nothing is restarted\n",
            await client.GetStringAsync("/status", Cancel),
            StringComparison.Ordinal
        );
        client.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        var status = await client.GetFromJsonAsync<JsonElement>("/status", Cancel);
        Assert.False(status.GetProperty("ok").GetBoolean());
    }

    [Theory]
    [InlineData("1 2 3")]
    [InlineData("nonsense")]
    [InlineData("x y z")]
    public void A_supervisor_that_cannot_be_found_is_said(string process) =>
        Assert.NotNull(new SupervisorStatus(new SupervisorOptions { Process = process }).Problem());

    [Fact]
    public void Another_process_of_that_number_is_not_the_supervisor()
    {
        var (me, started) = (Environment.ProcessId, Started(Environment.ProcessId));
        Assert.Null(new SupervisorStatus(new() { Process = $"{me} {started} {Boot}" }).Problem());
        Assert.NotNull(new SupervisorStatus(new() { Process = $"{me} {started}0 {Boot}" }).Problem());
        Assert.NotNull(new SupervisorStatus(new() { Process = $"{me} {started} another-boot" }).Problem());
    }

    [Fact]
    public async Task Restarts_of_the_supervisor_are_recent_actions()
    {
        var log = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            log,
            """[{"at":"2026-01-31T09:15:00+00:00","text":"Restarted executor (hung and was killed)"}]""",
            Cancel
        );
        await using var gateway = await RunningGateway.Start(
            upstream: null,
            $"--Nightshift:Supervisor:RestartLog={log}"
        );
        using var client = gateway.Client("vera");
        Assert.Contains(
            "Restarted executor (hung and was killed)",
            await client.GetStringAsync("/status", Cancel),
            StringComparison.Ordinal
        );
        File.Delete(log);
    }

    static string Boot => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    static string Started(int pid) => File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ')[19];

    [Fact]
    public async Task Airflows_clients_find_version_and_health_in_their_shape()
    {
        await using var service = await Upstream.Echo("any");
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client("vera");
        Assert.Equal(
            "0.1.0",
            (await client.GetFromJsonAsync<JsonElement>("/api/v2/version", Cancel)).GetProperty("version").GetString()
        );
        var health = await client.GetFromJsonAsync<JsonElement>("/api/v2/monitor/health", Cancel);
        Assert.Equal("healthy", health.GetProperty("scheduler").GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, health.GetProperty("triggerer").GetProperty("status").ValueKind);
    }

    [Fact]
    public async Task Own_metrics_are_for_token_holders()
    {
        await using var gateway = await RunningGateway.Start(upstream: null);
        using var client = gateway.Client("vera");
        using var answer = await client.GetAsync("/metrics", Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
