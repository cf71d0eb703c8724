using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;
using Npgsql;

namespace Nightshift.Plumbing.Tests;

/// <summary>What every service does with a request before and behind its own endpoints.</summary>
public sealed class ServiceRequestTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/viewer", Role.Viewer, 200, null)]
    [InlineData("GET", "/admin", Role.Viewer, 403, "role_missing")]
    [InlineData("GET", "/admin", Role.Operator, 403, "role_missing")]
    [InlineData("GET", "/admin", Role.Admin, 200, null)]
    [InlineData("GET", "/anybody", Role.None, 200, null)]
    [InlineData("GET", "/forgotten", Role.Admin, 403, "forbidden")] // it names no policy, so it is closed
    [InlineData("GET", "/nowhere", Role.Viewer, 404, "unknown_path")]
    [InlineData("POST", "/viewer", Role.Viewer, 405, "unknown_method")]
    [InlineData("GET", "/database", Role.Viewer, 503, "dependency_unavailable")]
    [InlineData("GET", "/bug", Role.Viewer, 500, "internal")]
    public async Task A_request_gets(string method, string path, Role role, int status, string? code)
    {
        await using var service = await Start();
        using var client = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        client.DefaultRequestHeaders.Add(GatewayHeaders.Key, "key");
        client.DefaultRequestHeaders.Add(GatewayHeaders.Role, role.ToString());
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await client.SendAsync(request, Cancelled);
        Assert.Equal((status, status == 503), ((int)answer.StatusCode, answer.Headers.RetryAfter is not null));
        if (code is not null)
            Assert.Equal(
                code,
                (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("code").GetString()
            );
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("kez")]
    [InlineData("key2")]
    public async Task Whoever_does_not_show_the_gateways_key_gets_nothing(string? key)
    {
        await using var service = await Start();
        using var client = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        if (key is not null)
            client.DefaultRequestHeaders.Add(GatewayHeaders.Key, key);
        client.DefaultRequestHeaders.Add(GatewayHeaders.Role, nameof(Role.Admin));
        foreach (var path in new[] { "/viewer", "/anybody", "/forgotten", "/nowhere" })
        {
            using var answer = await client.GetAsync(path, Cancelled);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    static async Task<WebApplication> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddProblemDetails();
        builder.Services.AddGatewayAuthorization("key"u8.ToArray());
        var app = builder.Build();
        app.UseProblems();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/viewer", () => "").RequireRole(Role.Viewer);
        app.MapGet("/admin", () => "").RequireRole(Role.Admin);
        app.MapGet("/anybody", () => "").RequireAuthorization(RolePolicies.ThroughGateway);
        app.MapGet("/forgotten", () => "");
        app.MapGet("/database", AskClosedPort).RequireRole(Role.Viewer);
        app.MapGet("/bug", string () => throw new InvalidOperationException("a bug")).RequireRole(Role.Viewer);
        await app.StartAsync(Cancelled);
        return app;
    }

    // What Npgsql throws when nobody listens.
    static async Task<string> AskClosedPort(CancellationToken cancellationToken)
    {
        using var reserved = new Socket(SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)reserved.LocalEndPoint!).Port;
        await using var database = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=nobody");
        await using var command = database.CreateCommand("select 1");
        return (await command.ExecuteScalarAsync(cancellationToken))!.ToString()!;
    }
}
