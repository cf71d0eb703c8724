using System.Text.Json;
using Nightshift.Gateway.Routes;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Status;

namespace Nightshift.Gateway.Status;

/// <summary>Asks all services at once how they are. A service that does not answer is a fact like any other.</summary>
sealed class StatusReader(
    Backends backends,
    IHttpClientFactory clients,
    SupervisorStatus supervisor,
    TimeProvider clock
)
{
    public async Task<SystemStatus> Read(CancellationToken cancellationToken) =>
        SystemStatus.Of(
            [.. (await Task.WhenAll(backends.All.Select(x => Ask(x, cancellationToken)))).SelectMany(x => x)],
            clock.GetUtcNow(),
            supervisor.Problem(),
            supervisor.Restarts()
        );

    // The instances of a service read the same actions.
    async Task<IReadOnlyList<(string, ServiceStatus?, string?)>> Ask(
        Backend backend,
        CancellationToken cancellationToken
    )
    {
        var answers = await Task.WhenAll(backend.Instances.Select(x => Ask(x, cancellationToken)));
        var first = Array.FindIndex(answers, x => x.Answer is not null);
        return
        [
            .. answers.Select(
                (x, i) => i == first ? x : (x.Title, x.Answer is null ? null : x.Answer with { Actions = [] }, x.Why)
            ),
        ];
    }

    async Task<(string Title, ServiceStatus? Answer, string? Why)> Ask(
        BackendInstance backend,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var client = clients.CreateClient(backend.Name);
            var answer = await client.GetFromJsonAsync<ServiceStatus>(
                "/internal/status",
                Json.Options,
                cancellationToken
            );
            return answer is { State: not null, Actions: not null }
                ? (backend.Title, answer, null)
                : (backend.Title, null, CallFailure.NotUnderstood);
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && e is HttpRequestException or TaskCanceledException or JsonException
            )
        {
            return (backend.Title, null, CallFailure.Why(e));
        }
    }
}
