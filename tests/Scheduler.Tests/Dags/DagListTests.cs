using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>The list of DAGs by Airflow's filters, and what is done to all of a list.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class DagListTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-daglist-").FullName;

    [Fact]
    public async Task DAGs_are_found_by_name_state_and_runs_and_paused_together()
    {
        using var infrastructure = await TestInfrastructure.Prepare("daglist", Cancelled);
        foreach (var (dag, schedule) in new[] { ("etl_a", "0 9 1 1 *"), ("etl_b", ""), ("report", "0 9 2 1 *") })
            await File.WriteAllTextAsync(
                Path.Combine(folder, $"{dag}.yaml"),
                $"dag: {dag}\n{(schedule.Length > 0 ? $"schedule: '{schedule}'\n" : "")}"
                    + "tasks: { x: { noop: true, queue: nobody } }",
                Cancelled
            );
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        await Eventually.Is(
            async token => (await Names(scheduler, "", token)) == "etl_a etl_b report",
            "the DAGs",
            Cancelled
        );
        await Run(scheduler, "etl_a", "1", "failed");
        await Run(scheduler, "etl_a", "2", "success");
        await Run(scheduler, "etl_b", "1", state: null);

        foreach (
            var (query, names) in new[]
            {
                ("dag_id_pattern=ETL", "etl_a etl_b"),
                ("dag_id_pattern=l__&dag_display_name_pattern=b", "etl_b"),
                ("dag_id_pattern=port|_a", "etl_a report"),
                ("dag_id_pattern=~", "etl_a etl_b report"),
                ("paused=true", ""),
                ("last_dag_run_state=success", "etl_a"),
                ("last_dag_run_state=failed", ""),
                ("last_dag_run_state=running&last_dag_run_state=success", "etl_a etl_b"),
                ("dag_run_state=failed", "etl_a"),
                ("dag_run_state=running&dag_run_start_date_gte=2020-01-01T00:00:00Z", "etl_b"),
                ("dag_run_end_date_gte=2020-01-01T00:00:00Z", "etl_a"),
                ("dag_run_end_date_lt=2020-01-01T00:00:00Z", ""),
                ("order_by=-dag_id", "report etl_b etl_a"),
                ("order_by=-dag_display_name&limit=1&offset=1", "etl_b"),
                ("order_by=next_dagrun", "etl_a report etl_b"),
                ("order_by=-next_dagrun", "report etl_a etl_b"),
                ("order_by=last_run_state", "etl_b etl_a report"),
                ("order_by=-last_run_start_date", "etl_b etl_a report"),
            }
        )
            Assert.Equal((query, names), (query, await Names(scheduler, query, Cancelled)));

        await All_that_a_pattern_names_are_paused(scheduler);

        File.Delete(Path.Combine(folder, "report.yaml"));
        await Eventually.Is(
            async token => (await Names(scheduler, "", token)) == "etl_a etl_b",
            "the DAG to be withdrawn",
            Cancelled
        );
        Assert.Equal("etl_a etl_b report", await Names(scheduler, "exclude_stale=false", Cancelled));

        foreach (
            var (query, code) in new[]
            {
                ("paused=maybe", "invalid_paused"),
                ("last_dag_run_state=x", "invalid_last_dag_run_state"),
                ("dag_run_state=x", "invalid_dag_run_state"),
                ("dag_run_start_date_lte=x", "invalid_dag_run_start_date_lte"),
                ("order_by=owners", "invalid_order_by"),
                ("limit=0", "invalid_page"),
            }
        )
            Assert.Equal(
                (query, code),
                (query, await Code(await scheduler.Http.GetAsync($"/api/v2/dags?{query}", Cancelled)))
            );
    }

    static async Task All_that_a_pattern_names_are_paused(RunningService scheduler)
    {
        async Task<HttpResponseMessage> Patch(string query, object body) =>
            await scheduler.Http.PatchAsJsonAsync($"/api/v2/dags?{query}", body, Cancelled);

        Assert.Equal("invalid_dag_id_pattern", await Code(await Patch("", new { is_paused = true })));
        Assert.Equal("invalid_is_paused", await Code(await Patch("dag_id_pattern=~", new { })));
        Assert.Equal(
            "invalid_update_mask",
            await Code(await Patch("dag_id_pattern=~&update_mask=x", new { is_paused = true }))
        );
        Assert.Equal("", await Names(scheduler, "paused=true", Cancelled));

        using var answer = await Patch("dag_id_pattern=etl", new { is_paused = true });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("etl_a etl_b", await Names(scheduler, "paused=true", Cancelled));
        using var again = await Patch("dag_id_pattern=~&paused=true", new { is_paused = false });
        Assert.Equal("", await Names(scheduler, "paused=true", Cancelled));
    }

    static async Task Run(RunningService scheduler, string dag, string key, string? state)
    {
        var runs = $"/api/v2/dags/{dag}/dagRuns";
        using var made = await scheduler.Http.PostAsJsonAsync(runs, new { dag_run_id = key }, Cancelled);
        Assert.True(made.IsSuccessStatusCode);
        if (state is null)
            return;
        using var marked = await scheduler.Http.PatchAsJsonAsync(
            $"{runs}/manual__{dag}__{key}",
            new { state },
            Cancelled
        );
        Assert.True(marked.IsSuccessStatusCode);
    }

    static async Task<string> Names(RunningService scheduler, string query, CancellationToken cancellationToken) =>
        string.Join(
            ' ',
            (await scheduler.Read<JsonElement>($"/api/v2/dags?{query}", cancellationToken))
                .GetProperty("dags")
                .EnumerateArray()
                .Select(x => x.GetProperty("dag_id").GetString())
        );

    static async Task<string?> Code(HttpResponseMessage answer)
    {
        using (answer)
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("code").GetString();
    }
}
