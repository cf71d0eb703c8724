using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Nightshift.Cli.Webhooks;

namespace Nightshift.Bench.Chaos;

/// <summary>An answer that is neither a success nor "not available for a moment".</summary>
sealed record OddAnswer(DateTimeOffset At, string Text);

/// <summary>
/// Asks the gateway as a person's script and GitHub do: again, with the same key or GUID, until it says yes.
/// </summary>
sealed class GatewayClient : IDisposable
{
    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    readonly HttpClient http;
    readonly string webhookSecret;
    readonly ConcurrentQueue<OddAnswer> odd = [];

    /// <param name="url">The gateway.</param>
    /// <param name="token">An operator's token.</param>
    /// <param name="webhookSecret">What GitHub would sign with.</param>
    public GatewayClient(string url, string token, string webhookSecret)
    {
        this.webhookSecret = webhookSecret;
        http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
    }

    /// <summary>What was answered and should not be.</summary>
    public IReadOnlyCollection<OddAnswer> OddAnswers => odd;

    /// <summary>The id of the run a key stands for.</summary>
    public static string RunId(string dag, string key) => $"manual__{dag}__{key}";

    /// <summary>Asks for a run until it is accepted.</summary>
    public Task Trigger(string dag, string key, CancellationToken cancellationToken) =>
        UntilAccepted(
            () =>
                new HttpRequestMessage(HttpMethod.Post, $"api/v2/dags/{dag}/dagRuns")
                {
                    Content = JsonContent.Create(new { dag_run_id = key }),
                },
            cancellationToken
        );

    /// <summary>Makes a pool; it must not be there.</summary>
    public Task CreatePool(string name, int slots, CancellationToken cancellationToken) =>
        UntilAccepted(
            () =>
                new HttpRequestMessage(HttpMethod.Post, "api/v2/pools")
                {
                    Content = JsonContent.Create(new { name, slots }),
                },
            cancellationToken
        );

    /// <summary>Delivers a push until it is accepted; each GUID makes a body of its own.</summary>
    public Task Deliver(Guid guid, CancellationToken cancellationToken) =>
        UntilAccepted(
            () => SignedDelivery.Create(http.BaseAddress!, "push", guid, 7, Push(guid), webhookSecret),
            cancellationToken
        );

    /// <returns>The run's state; null when nobody answers or there is no such run.</returns>
    public async Task<string?> State(string dag, string runId, CancellationToken cancellationToken) =>
        await Get($"api/v2/dags/{dag}/dagRuns/{runId}", cancellationToken) is { } run
            ? run.GetProperty("state").GetString()
            : null;

    /// <returns>The answer; null when there is none that is a success.</returns>
    public async Task<JsonElement?> Get(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(path, cancellationToken);
            return answer.IsSuccessStatusCode
                ? await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)
                : null;
        }
        catch (Exception e) when (IsOutage(e, cancellationToken))
        {
            return null;
        }
    }

    async Task UntilAccepted(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        while (!await Accepted(request, cancellationToken))
            await Task.Delay(BetweenTries, TimeProvider.System, cancellationToken);
    }

    async Task<bool> Accepted(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        using var request = make();
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            if (!answer.IsSuccessStatusCode && !IsMomentary(answer.StatusCode))
                odd.Enqueue(
                    new(
                        TimeProvider.System.GetUtcNow(),
                        $"{request.Method} {request.RequestUri?.AbsolutePath} answered {(int)answer.StatusCode}: "
                            + await answer.Content.ReadAsStringAsync(cancellationToken)
                    )
                );
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (IsOutage(e, cancellationToken))
        {
            return false;
        }
    }

    static bool IsMomentary(HttpStatusCode status) =>
        status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    // An answer that breaks off in the middle is none.
    static bool IsOutage(Exception e, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && e is HttpRequestException or IOException or JsonException or OperationCanceledException;

    static byte[] Push(Guid guid)
    {
        var sha = guid.ToString("N") + "00000000";
        return Encoding.UTF8.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                {
                  "ref": "refs/heads/main", "before": "{{new string('1', 40)}}", "after": "{{sha}}",
                  "created": false, "deleted": false, "forced": false,
                  "head_commit": { "id": "{{sha}}", "message": "change {{guid}}" },
                  "repository": { "id": 1, "name": "chaos", "full_name": "{{ChaosDags.Repository}}" },
                  "sender": { "login": "ada", "id": 2 }, "pusher": { "name": "ada", "email": "ada@example.com" },
                  "commits": [ { "id": "{{sha}}", "added": [], "removed": [], "modified": ["index.html"] } ]
                }
                """
            )
        );
    }

    public void Dispose() => http.Dispose();
}
