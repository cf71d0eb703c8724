using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Cli.Webhooks;

namespace Nightshift.Bench.History;

/// <summary>Asks the gateway as the page, the command line and GitHub do.</summary>
sealed class HistoryClient : IDisposable
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    readonly string webhookSecret;
    readonly HttpClient http;

    /// <param name="credentials">The gateway and a token that may do all.</param>
    /// <param name="webhookSecret">What GitHub would sign with.</param>
    public HistoryClient((string Url, string Token) credentials, string webhookSecret)
    {
        this.webhookSecret = webhookSecret;
        http = new HttpClient { BaseAddress = new Uri(credentials.Url), Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credentials.Token);
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
    }

    public Task<JsonElement> Get(string path, CancellationToken cancellationToken) =>
        http.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    /// <summary>Milliseconds until the whole answer is there.</summary>
    public async Task<double> Time(string path, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(path, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"GET {path} answered {(int)answer.StatusCode}");
        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }

    public async Task Post(string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync(path, body, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Asks for a run and waits until it is accepted.</summary>
    public Task Trigger(
        string dag,
        string key,
        IReadOnlyDictionary<string, string> conf,
        CancellationToken cancellationToken
    ) => Post($"api/v2/dags/{dag}/dagRuns", new { dag_run_id = key, conf }, cancellationToken);

    /// <summary>Delivers a signed push.</summary>
    public async Task Push(string guid, byte[] body, CancellationToken cancellationToken)
    {
        using var request = SignedDelivery.Create(http.BaseAddress!, "push", Guid.Parse(guid), 7, body, webhookSecret);
        using var answer = await http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Returns when no run is under way.</summary>
    public async Task AwaitQuiet(CancellationToken cancellationToken)
    {
        while (
            (await Get("api/v2/dags/~/dagRuns?state=running&limit=1", cancellationToken))
                .GetProperty("dag_runs")
                .GetArrayLength() > 0
        )
            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
    }

    public void Dispose() => http.Dispose();
}
