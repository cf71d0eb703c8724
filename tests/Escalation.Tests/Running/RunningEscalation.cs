using System.Net.Http.Json;
using System.Threading.Channels;
using JasperFx;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Escalation.Channels;
using Nightshift.Escalation.Incidents;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Escalation.Tests.Running;

/// <summary>The whole service in this process, with an ear in place of the command.</summary>
public sealed class RunningEscalation : IAsyncDisposable
{
    readonly WebApplication app;
    readonly HttpClient http;

    RunningEscalation(WebApplication app, HttpClient http) => (this.app, this.http) = (app, http);

    public static async Task<RunningEscalation> Start(Surroundings surroundings, string name, Ear ear, params string[] settings)
    {
        var app = await EscalationService.Build(surroundings.Arguments(settings), name, x => x.AddSingleton<IChannel>(ear));
        await app.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.First() ?? "";
        var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Add(GatewayOnly.KeyHeader, Surroundings.GatewayKey);
        return new(app, http);
    }

    /// <summary>Tiers for settings: each begins so long after the one before it, and tells the ear.</summary>
    public static string[] Tiers(params string[] delays) =>
        [.. delays.SelectMany((x, i) => new[] { $"--Escalation:Tiers:{i}:After={x}", $"--Escalation:Tiers:{i}:Channels:0=command", $"--Escalation:Tiers:{i}:Channels:1=status" }), "--Escalation:Command:0=/bin/true"];

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, Role role = Role.Operator, string caller = "anna", object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, options: Json.Options) };
        request.Headers.Add(Caller.NameHeader, caller);
        request.Headers.Add(Caller.RoleHeader, role.ToString());
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<T> Get<T>(string path)
    {
        using var response = await Send(HttpMethod.Get, path, Role.Viewer);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<T>(Json.Options, TestContext.Current.CancellationToken) ?? throw new InvalidDataException(path);
    }

    public async Task<IncidentRow> Row(string id) => (await Get<IncidentDetail>($"/api/v2/incidents/{id}")).Row;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }
}

/// <summary>Hears what channel <c>command</c> is told.</summary>
public sealed class Ear(string? failure = null) : IChannel
{
    readonly Channel<Notice> heard = Channel.CreateUnbounded<Notice>();

    public string Name => "command";

    public async Task<string?> Tell(Notice notice, CancellationToken cancellationToken)
    {
        await heard.Writer.WriteAsync(notice, cancellationToken);
        return failure;
    }

    /// <summary>The next notice about an incident.</summary>
    public async Task<Notice> Next(string incident)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Surroundings.Deadline);
        while (true)
            if (await heard.Reader.ReadAsync(limit.Token) is var notice && notice.IncidentId == incident) return notice;
    }

    /// <summary>Notices nobody has asked for yet.</summary>
    public int Unheard => heard.Reader.Count;
}
