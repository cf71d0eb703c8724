using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Nightshift.Bench;

/// <summary>One run, as the API tells it.</summary>
sealed record FinishedRun(string RunId, DateTimeOffset QueuedAt, DateTimeOffset EndedAt);

/// <summary>Triggers runs through the gateway and reads what was recorded.</summary>
sealed class BenchClient : IDisposable
{
    readonly HttpClient http;

    public BenchClient((string Url, string Token) credentials)
    {
        http = new HttpClient { BaseAddress = new Uri(credentials.Url), Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credentials.Token);
    }

    /// <summary>Triggers a run and waits for its end.</summary>
    public async Task<FinishedRun> Run(string dag) => await Finished(dag, await Trigger(dag));

    public async Task<string> Trigger(string dag)
    {
        using var answer = await http.PostAsJsonAsync($"/api/v2/dags/{dag}/dagRuns", new { });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("dag_run_id").GetString()!;
    }

    /// <summary>True when a DAG of that name can be triggered.</summary>
    public async Task<bool> Exists(string dag)
    {
        using var answer = await http.GetAsync($"/api/v2/dags/{dag}", HttpCompletionOption.ResponseHeadersRead);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>How many DAGs there are.</summary>
    public async Task<int> Dags() =>
        (await http.GetFromJsonAsync<JsonElement>("/api/v2/dags")).GetProperty("total_entries").GetInt32();

    /// <summary>
    /// Waits for a run's end by asking now and then: following its stream would take part in what is measured.
    /// </summary>
    public async Task<FinishedRun> Finished(string dag, string runId)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (await Open(dag, runId))
            await pulse.WaitForNextTickAsync();
        var run = await Read(dag, runId);
        return run.GetProperty("state").GetString() == "success"
            ? new(
                runId,
                run.GetProperty("queued_at").GetDateTimeOffset(),
                run.GetProperty("end_date").GetDateTimeOffset()
            )
            : throw new InvalidOperationException($"Run {runId} ended as {run.GetProperty("state")}");
    }

    async Task<bool> Open(string dag, string runId) =>
        (await Read(dag, runId)).GetProperty("state").GetString() is "running" or "queued";

    Task<JsonElement> Read(string dag, string runId) =>
        http.GetFromJsonAsync<JsonElement>($"/api/v2/dags/{dag}/dagRuns/{runId}");

    /// <summary>When each event of a stream was recorded, by the event's name.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> RecordedAt(string stream)
    {
        var steps = await http.GetFromJsonAsync<JsonElement>($"/api/v2/streams/{stream}");
        return steps
            .EnumerateArray()
            .ToDictionary(
                x => x.GetProperty("type").GetString()!,
                x => x.GetProperty("recordedAt").GetDateTimeOffset()
            );
    }

    public void Dispose() => http.Dispose();
}
