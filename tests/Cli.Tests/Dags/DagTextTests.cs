using System.Text.Json;
using Nightshift.Cli.Dags;

namespace Nightshift.Cli.Tests.Dags;

public sealed class DagTextTests
{
    [Fact]
    public void A_DAG_is_shown_with_its_schedule_and_its_tasks()
    {
        var text = DagText.Of(
            JsonDocument
                .Parse(
                    """
                    {
                      "dag_id": "etl", "timetable_summary": "0 9 * * *", "timezone": "Europe/Berlin", "file_loc": "etl.yaml", "version": "abc", "next_dagrun_run_after": "2026-11-25T08:00:00Z", "catchup": false, "params": { "day": { "value": "{{ ds }}", "schema": {}, "description": null, "required": false }, "limit": { "value": null, "schema": { "type": "integer" }, "description": "How many.", "required": true } },
                      "tasks": [{ "task_id": "load", "upstream_task_ids": ["extract", "clean"], "trigger_rule": "all_success", "image": "alpine", "retries": 2, "memory_mib": 64 }]
                    }
                    """
                )
                .RootElement
        );
        Assert.All(
            [
                "etl",
                "0 9 * * *",
                "Europe/Berlin",
                "etl.yaml",
                "{{ ds }}",
                "(required)",
                "How many.",
                "\"integer\"",
                "load",
                "extract,clean",
                "64 MiB",
            ],
            x => Assert.Contains(x, text, StringComparison.Ordinal)
        );
        Assert.Matches(@"Next run: +2026-11-2\d \d\d:\d\d:00 [+-]\d\d:\d\d\n", text); // whatever zone the test runs in
        Assert.DoesNotContain("Mistake", text, StringComparison.Ordinal);
    }
}
