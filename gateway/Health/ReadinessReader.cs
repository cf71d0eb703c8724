using System.Text.Json;
using Nightshift.Gateway.Routes;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Gateway.Health;

/// <summary>How one service answered <c>/readyz</c>.</summary>
/// <param name="Ready">True when it may be used.</param>
/// <param name="State"><c>ready</c>, or in few words why not.</param>
sealed record Readiness(bool Ready, string State);

/// <summary>
/// Asks all processes of the services whether they are ready. An answer is shared for a second: anybody may ask, and a
/// stranger must not multiply requests.
/// </summary>
sealed class ReadinessReader(Backends backends, IHttpClientFactory clients, TimeProvider clock)
{
    static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);
    readonly Lock gate = new();
    Task<IReadOnlyDictionary<string, Readiness>>? latest;
    long askedAt;

    /// <summary>Each process by its name.</summary>
    public Task<IReadOnlyDictionary<string, Readiness>> Read(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (latest is null || clock.GetElapsedTime(askedAt) > GoodFor)
                (askedAt, latest) = (clock.GetTimestamp(), AskAll());
            return latest.WaitAsync(cancellationToken);
        }
    }

    /// <summary>True when a service may be used: one of its processes at least is ready.</summary>
    public static bool IsUsable(Backend service, IReadOnlyDictionary<string, Readiness> answers) =>
        service.Instances.Any(x => answers[x.Name].Ready);

    // Nobody's cancellation: others wait for the same answers. The clients' own limit of time ends it.
    async Task<IReadOnlyDictionary<string, Readiness>> AskAll()
    {
        var answers = await Task.WhenAll(backends.Instances.Select(Ask));
        return backends.Instances.Zip(answers).ToDictionary(x => x.First.Name, x => x.Second);
    }

    async Task<Readiness> Ask(BackendInstance backend)
    {
        try
        {
            using var client = clients.CreateClient(backend.Name);
            using var answer = await client.GetAsync("/readyz", CancellationToken.None);
            return answer.IsSuccessStatusCode
                ? new(Ready: true, "ready")
                : new(Ready: false, await Failing(answer) ?? $"answered {(int)answer.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return new(Ready: false, CallFailure.Why(e));
        }
    }

    // Anybody may ask: the names of the checks that fail, and not what they say.
    static async Task<string?> Failing(HttpResponseMessage answer)
    {
        try
        {
            return
                await answer.Content.ReadFromJsonAsync<HealthResponse>(Json.Options, CancellationToken.None)
                    is { Problems: { Count: > 0 } problems }
                ? $"not ready: {string.Join(", ", problems.Keys)}"
                : null;
        }
        catch (JsonException) // not a service of ours
        {
            return null;
        }
    }
}
