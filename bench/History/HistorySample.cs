using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Nightshift.Bench.History;

/// <summary>
/// A small real history: runs by hand and by push, some of which fail, are escalated and resolved. Its rows are what is
/// copied, so that copies look as the services left the originals.
/// </summary>
static class HistorySample
{
    const int Succeeding = 8,
        Failing = 2,
        Pushed = 2;

    /// <summary>The number of its backfill.</summary>
    public const long BackfillNumber = 7_307_307_307;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>Makes it.</summary>
    /// <returns>A part of each run's id, which also names what belongs to it.</returns>
    public static async Task<IReadOnlyList<string>> Make(HistoryClient client, CancellationToken cancellationToken)
    {
        await AwaitPushes(client, cancellationToken);
        var failing = await Trigger(Failing, exit: 1);
        await AwaitEnds("failed", failing);
        await ResolveIncident(client, cancellationToken);
        var succeeding = await Trigger(Succeeding, exit: 0);
        var pushed = Keys(Pushed);
        foreach (var guid in pushed)
            await client.Push(guid, Push(guid), cancellationToken);
        string[] runs = [.. succeeding, .. pushed, .. failing];
        await AwaitEnds("success", [.. succeeding, .. pushed]);
        await Backfill();
        await client.AwaitQuiet(cancellationToken);
        return runs;

        async Task<IReadOnlyList<string>> Trigger(int count, int exit)
        {
            var keys = Keys(count);
            var conf = new Dictionary<string, string> { ["exit"] = exit.ToString(CultureInfo.InvariantCulture) };
            foreach (var key in keys)
                await client.Trigger(HistoryDags.Sample, key, conf, cancellationToken);
            return keys;
        }

        // Of a yearly schedule: three runs.
        async Task Backfill()
        {
            var dag = HistoryDags.Scheduled(0);
            await client.Post(
                "api/v2/backfills",
                new
                {
                    dag_id = dag,
                    from_date = "2020-01-01T00:00:00Z",
                    to_date = "2022-01-01T00:00:00Z",
                },
                cancellationToken
            );
            await Await(
                $"api/v2/backfills/{BackfillNumber}",
                x => x.GetProperty("completed_at").ValueKind is JsonValueKind.String
            );
        }

        async Task AwaitEnds(string state, IReadOnlyList<string> keys)
        {
            foreach (var key in keys)
                await Await(
                    $"api/v2/dags/{HistoryDags.Sample}/dagRuns?limit=1000",
                    list =>
                        list.GetProperty("dag_runs")
                            .EnumerateArray()
                            .Any(run =>
                                run.GetProperty("dag_run_id").GetString()!.Contains(key, StringComparison.Ordinal)
                                && run.GetProperty("state").GetString() == state
                            )
                );
        }

        async Task Await(string path, Func<JsonElement, bool> holds)
        {
            while (!holds(await client.Get(path, cancellationToken)))
                await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
        }
    }

    static IReadOnlyList<string> Keys(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid().ToString("D"))];

    // Before the webhooks service knows the DAG, a push rightly starts nothing.
    static async Task AwaitPushes(HistoryClient client, CancellationToken cancellationToken)
    {
        while (true)
        {
            var guid = Guid.NewGuid().ToString("D");
            await client.Push(guid, Push(guid), cancellationToken);
            string? status;
            do
            {
                await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
                var found = await client.Get("api/v2/deliveries?limit=100", cancellationToken);
                status = found
                    .GetProperty("deliveries")
                    .EnumerateArray()
                    .Single(x => x.GetProperty("deliveryId").GetString() == guid)
                    .GetProperty("status")
                    .GetString();
            } while (status?.Equals("received", StringComparison.OrdinalIgnoreCase) == true);
            if (status?.Equals("matched", StringComparison.OrdinalIgnoreCase) == true)
                return;
        }
    }

    static async Task ResolveIncident(HistoryClient client, CancellationToken cancellationToken)
    {
        while ((await client.Get("api/v2/incidents", cancellationToken)).GetProperty("incidents").GetArrayLength() == 0)
            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
        await client.Post(
            $"api/v2/incidents/dag.{HistoryDags.Sample}/resolve",
            new { reason = "Seen" },
            cancellationToken
        );
    }

    static byte[] Push(string guid)
    {
        var sha = guid.Replace("-", "", StringComparison.Ordinal) + "00000000";
        return Encoding.UTF8.GetBytes(
            $$"""
            {
              "ref": "refs/heads/main", "before": "{{new string('1', 40)}}", "after": "{{sha}}",
              "created": false, "deleted": false, "forced": false,
              "head_commit": { "id": "{{sha}}", "message": "change {{guid}}" },
              "repository": { "id": 1, "name": "history", "full_name": "{{HistoryDags.Repository}}" },
              "sender": { "login": "ada", "id": 2 }, "pusher": { "name": "ada", "email": "ada@example.com" },
              "commits": [ { "id": "{{sha}}", "added": [], "removed": [], "modified": ["index.html"] } ]
            }
            """
        );
    }
}
