using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Gateway.Tests.Hosting;

namespace Nightshift.Gateway.Tests.Routes;

/// <summary>Five servers, one per service.</summary>
public sealed class FiveServices : IAsyncLifetime
{
    readonly List<Upstream> services = [];

    internal RunningGateway Gateway { get; private set; } = null!; // set before the first test

    public async ValueTask InitializeAsync()
    {
        foreach (var name in RunningGateway.Services)
            services.Add(await Upstream.Echo(name.ToLowerInvariant()));
        Gateway = await RunningGateway.Start(
            upstream: null,
            [
                .. RunningGateway
                    .Services.Zip(services)
                    .Select(x => $"--Nightshift:Services:{x.First}={x.Second.Address}"),
            ]
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var service in services)
            await service.DisposeAsync();
    }
}

public sealed class RouteTests(FiveServices five) : IClassFixture<FiveServices>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/v2/dags", "scheduler")]
    [InlineData("/api/v2/dags/hello", "scheduler")]
    [InlineData("/api/v2/importErrors", "scheduler")]
    [InlineData("/api/v2/eventLogs?dag_id=hello", "scheduler")]
    [InlineData("/api/v2/eventLogs/17", "scheduler")]
    [InlineData("/api/v2/dags/~/dagRuns/list", "scheduler")]
    [InlineData("/api/v2/backfills/1", "scheduler")]
    [InlineData("/api/v2/streams/backfill-1", "scheduler")]
    [InlineData("/api/v2/dags/~/dagRuns?limit=1&order_by=-queued_at", "scheduler")]
    [InlineData("/api/v2/dags/hello/dagRuns/manual__hello__1/taskInstances", "scheduler")]
    [InlineData("/api/v2/dags/hello/dagRuns/r/taskInstances/t/logs/1", "executor")]
    [InlineData("/api/v2/dags/hello/dagRuns/r/taskInstances/t/logs/1?follow=true", "executor")]
    [InlineData("/api/v2/incidents", "escalation")]
    [InlineData("/api/v2/incidents/task.a.b", "escalation")]
    [InlineData("/api/v2/healing/container.web", "healer")]
    [InlineData("/api/v2/retention/scheduler", "scheduler")]
    [InlineData("/api/v2/retention/executor/run?dryRun=true", "executor")]
    [InlineData("/api/v2/deliveries/1/body", "webhooks")]
    [InlineData("/api/v2/messages/healer", "healer")]
    [InlineData("/api/v2/messages/executor/executor:event~7/retry", "executor")]
    [InlineData("/api/v2/streams/run-manual__hello__1", "scheduler")]
    [InlineData("/api/v2/streams/run-manual__my-run-dag__1/follow", "scheduler")]
    [InlineData("/api/v2/streams/dag-hello/state?at=3", "scheduler")]
    [InlineData("/api/v2/streams/pool-default_pool", "scheduler")]
    [InlineData("/api/v2/pools", "scheduler")]
    [InlineData("/api/v2/pools/db", "scheduler")]
    [InlineData("/api/v2/variables", "scheduler")]
    [InlineData("/api/v2/variables/region", "scheduler")]
    [InlineData("/api/v2/streams/variable-region", "scheduler")]
    [InlineData("/api/v2/streams/attempt-manual__hello__1~extract~1", "executor")]
    [InlineData("/api/v2/streams/container-web", "executor")]
    [InlineData("/api/v2/streams/delivery-0b989ba4-242f-11e5-81e1-c7b6966d2516", "webhooks")]
    [InlineData("/api/v2/streams/case-task.a.b", "healer")]
    [InlineData("/api/v2/streams/incident-task.a.run-b", "escalation")]
    public async Task Each_address_belongs_to_one_service_and_arrives_unchanged(string address, string service)
    {
        using var client = five.Gateway.Client("vera");
        var seen = await client.GetFromJsonAsync<Seen>(address, Cancel);
        Assert.Equal((service, address), (seen?.Service, seen?.Target));
    }

    [Fact]
    public async Task Metrics_of_a_service_are_behind_its_name()
    {
        using var client = five.Gateway.Client("vera");
        var seen = await client.GetFromJsonAsync<Seen>("/metrics/healer", Cancel);
        Assert.Equal(("healer", "/metrics"), (seen?.Service, seen?.Target));
    }

    [Theory]
    [InlineData("/api/v2/nothing")]
    [InlineData("/api/v2/assets")]
    [InlineData("/api/v2/streams/secret-x")]
    [InlineData("/api/v2/streams/model-x")]
    [InlineData("/internal/status")]
    [InlineData("/metrics/nobody")]
    [InlineData("/api/v2/messages/nobody")]
    [InlineData("/webhooks/github")]
    public async Task What_is_nowhere_is_a_problem_in_json_whatever_was_asked_for(string address)
    {
        using var client = five.Gateway.Client("vera");
        client.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
        using var answer = await client.GetAsync(address, Cancel);
        Assert.Equal(
            (HttpStatusCode.NotFound, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType)
        );
        Assert.Equal(
            "unknown_path",
            (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString()
        );
    }
}
