using System.Text.Json;
using Nightshift.Cli.Runs;

namespace Nightshift.Cli.Tests.Runs;

public sealed class TaskNameTests
{
    static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    [Theory]
    [InlineData("""{"task_id":"load"}""", "load")]
    [InlineData("""{"task_id":"load","map_index":-1,"rendered_map_index":null}""", "load")]
    [InlineData("""{"task_id":"load","map_index":0}""", "load[0]")]
    [InlineData("""{"task_id":"load","map_index":12,"rendered_map_index":"region south"}""", "load[12] (region south)")]
    public void An_instance_is_called_as_commands_take_it(string task, string name)
    {
        Assert.Equal(name, TaskName.WithIndexName(Json(task)));
        Assert.Equal(name.Split(' ')[0], TaskName.Of(Json(task)));
    }

    [Fact]
    public void A_run_shows_its_instances_and_what_waits_for_them()
    {
        var text = RunText.Of(
            Json("{}"),
            Json(
                """{"task_instances":[{"task_id":"load","map_index":3,"rendered_map_index":"c\u001b[2J","state":"queued"}]}"""
            ),
            DateTimeOffset.UnixEpoch
        );
        Assert.Contains("load[3] (c[2J)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("task_mapped", """{"task":"load","length":3}""", "load: mapped to 3 instances")]
    [InlineData(
        "task_queued",
        """{"task":"load[1]","attempt":2,"renderedMapIndex":"b"}""",
        "load[1]: queued (b) (try 2)"
    )]
    [InlineData("task_skipped", """{"task":"load","reason":"NoItems"}""", "load: skipped (its for_each has no items)")]
    public void Events_of_mapped_tasks_have_a_line(string type, string data, string line) =>
        Assert.EndsWith(
            $"  {line}",
            WatchText.Of(type, Json($$"""{"recordedAt":"2026-03-01T09:00:00Z","data":{{data}}}""")),
            StringComparison.Ordinal
        );
}
