using System.Net.Http.Json;
using System.Threading.Channels;
using JasperFx;
using Marten;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Healer.Cases;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Healer.Tests.Running;

/// <summary>The whole service in this process.</summary>
public sealed class RunningHealer : IAsyncDisposable
{
    readonly WebApplication app;
    readonly HttpClient http;

    RunningHealer(WebApplication app, HttpClient http) => (this.app, this.http) = (app, http);

    public static async Task<RunningHealer> Start(Surroundings surroundings, string name, params string[] settings)
    {
        var app = await HealerService.Build(surroundings.Arguments(settings), name);
        await app.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.First() ?? "";
        var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Add(GatewayOnly.KeyHeader, Surroundings.GatewayKey);
        http.DefaultRequestHeaders.Add(Caller.RoleHeader, nameof(Role.Viewer));
        return new(app, http);
    }

    public async Task<T> Get<T>(string path) =>
        await http.GetFromJsonAsync<T>(path, Json.Options, TestContext.Current.CancellationToken) ?? throw new InvalidDataException(path);

    public Task<HttpResponseMessage> Send(string path) => http.GetAsync(path, TestContext.Current.CancellationToken);

    /// <summary>Waits for a case to come to a state; nothing announces it to the outside.</summary>
    public async Task<CaseRow> Until(string target, string state)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Surroundings.Deadline);
        while (true)
        {
            if ((await Get<CaseList>("/api/v2/healing")).Cases.FirstOrDefault(x => x.Target == target) is { } row && row.State == state) return row;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }
}

/// <summary>Hears messages of one kind.</summary>
public sealed class Ear<T> where T : class
{
    readonly Channel<T> heard = Channel.CreateUnbounded<T>();

    public void Attach(IReceiveEndpointConfigurator endpoint) => endpoint.Handler<T>(async x => await heard.Writer.WriteAsync(x.Message, x.CancellationToken));

    /// <summary>The next message that is meant; others on the same queue belong to somebody else.</summary>
    public async Task<T> Next(Func<T, bool> meant)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Surroundings.Deadline);
        while (true)
            if (await heard.Reader.ReadAsync(limit.Token) is var message && meant(message)) return message;
    }
}
