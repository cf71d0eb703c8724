using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.EndToEnd.Tests;

/// <summary>Containers that nobody but the test made, as a user has them.</summary>
public sealed class TestEngine(string endpoint) : IDisposable
{
    readonly HttpClient client = Engine.Connect(endpoint);
    readonly List<string> made = [];

    /// <summary>Starts a container without a network that asks to be healed.</summary>
    public async Task Start(string name, string script, CancellationToken cancellationToken)
    {
        await Remove(name, cancellationToken); // what a test run that was killed left behind
        using var created = await client.PostAsJsonAsync(
            $"/containers/create?name={name}",
            new
            {
                Image = Toolbox.Image,
                Cmd = new[] { "sh", "-c", script },
                Labels = new Dictionary<string, string> { ["nightshift.heal"] = "true" },
                HostConfig = new { NetworkMode = "none" },
            },
            cancellationToken
        );
        created.EnsureSuccessStatusCode();
        made.Add(name);
        using var started = await client.PostAsync($"/containers/{name}/start", null, cancellationToken);
        started.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until no container of an attempt is left.</summary>
    public async Task Gone(string attemptId, CancellationToken cancellationToken)
    {
        var filter = Uri.EscapeDataString($$"""{"label":["nightshift.attempt={{attemptId}}"]}""");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), TimeProvider.System);
        while (
            await client.GetFromJsonAsync<JsonElement>($"/containers/json?all=true&filters={filter}", cancellationToken)
                is var left
            && left.GetArrayLength() > 0
        )
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    async Task Remove(string name, CancellationToken cancellationToken)
    {
        using var removed = await client.DeleteAsync($"/containers/{name}?force=true", cancellationToken);
    }

    /// <summary>Sends a signal that asks for no end; what its process does about it is its own doing.</summary>
    public async Task Signal(string name, CancellationToken cancellationToken)
    {
        using var sent = await client.PostAsync($"/containers/{name}/kill?signal=USR1", null, cancellationToken);
        sent.EnsureSuccessStatusCode();
    }

    /// <summary>Stops a container as <c>docker stop</c> does.</summary>
    public async Task Stop(string name, CancellationToken cancellationToken)
    {
        using var stopped = await client.PostAsync($"/containers/{name}/stop?t=1", null, cancellationToken);
        stopped.EnsureSuccessStatusCode();
    }

    /// <summary>The engine's own word on when it last started and ended, and whether it runs.</summary>
    public async Task<(bool Running, DateTimeOffset StartedAt, DateTimeOffset FinishedAt)> Inspect(
        string name,
        CancellationToken cancellationToken
    )
    {
        var state = (
            await client.GetFromJsonAsync<JsonElement>($"/containers/{name}/json", cancellationToken)
        ).GetProperty("State");
        return (
            state.GetProperty("Running").GetBoolean(),
            state.GetProperty("StartedAt").GetDateTimeOffset(),
            state.GetProperty("FinishedAt").GetDateTimeOffset()
        );
    }

    public void Dispose()
    {
        foreach (var name in made)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, $"/containers/{name}?force=true");
            client.Send(request).Dispose();
        }
        client.Dispose();
    }
}
