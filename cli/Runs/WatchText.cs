using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary>What an event of a run means, in one line.</summary>
public static class WatchText
{
    const int NamedTasks = 5;

    /// <returns>Null for an event that is not worth a line.</returns>
    public static string? Of(string type, JsonElement step)
    {
        var data = step.At("data");
        return Words(type, data) is { } words
            ? $"{step.LocalTime("recordedAt", "HH:mm:ss")}  {Terminal.Safe(words)}"
            : null;
    }

    static string? Words(string type, JsonElement data)
    {
        var (task, attempt) = (data.Text("task"), data.Text("attempt"));
        return type switch
        {
            "run_queued" => $"queued ({data.Text("cause")})"
                + (data.Text("runAfter") is { Length: > 0 } ? $", starts after {data.LocalTime("runAfter")}" : ""),
            "run_started" => "started",
            "task_scheduled" => data.Text("pool") is { Length: > 0 } pool
                ? $"{task}: waits for pool {pool}"
                : $"{task}: waits for room in its limits",
            "task_queued" => $"{task}: queued{Called(data)}{(attempt is "1" ? "" : $" (try {attempt})")}",
            "task_mapped" => $"{task}: mapped to {data.Text("length")} instances",
            "task_waits_for_past" => $"{task}: waits for the previous run",
            "task_started" => $"{task}: running",
            "task_succeeded" => $"{task}: success{Outputs(data)}",
            "task_up_for_retry" =>
                $"{task}: try {attempt} failed: {Why(data)}; next try at {data.LocalTime("retryAt", "HH:mm:ss")}",
            "task_failed" => $"{task}: failed: {Why(data)}",
            "task_skipped" => $"{task}: skipped{Skip(data)}",
            "task_stopped" => data.Text("reason") is "Timeout"
                ? $"{task}: stopped, skipped"
                : $"{task}: stopped, failed",
            "task_cancelled" => $"{task}: failed: cancelled by {By(data)}",
            "task_marked" => $"{task}: {data.Text("state").ToLowerInvariant()}: marked by {By(data)}",
            "tasks_cleared" => $"{Tasks(data)}: cleared by {By(data)}",
            "run_marked_success" => $"the run is marked success by {By(data)}",
            "run_stopped" => data.Text("reason") switch
            {
                "Timeout" => "the run's time is up (dagrun_timeout)",
                "Cancelled" => $"the run is cancelled by {By(data)}",
                "MarkedFailed" => $"the run is marked failed by {By(data)}",
                _ => $"the run ends because {task} failed (fail_fast)",
            },
            "run_noted" => $"noted by {data.Text("by")}: {data.Text("note")}",
            "task_noted" => $"{task}: noted by {data.Text("by")}: {data.Text("note")}",
            "task_upstream_failed" => $"{task}: upstream failed",
            "task_cleared" =>
                $"{task}: healing: {data.Text("memoryMiB")} MiB of memory from now on ({data.Text("caseId")})",
            "run_finished" => data.Text("outcome") is "Succeeded" ? "run succeeded" : "run failed",
            _ => null,
        };
    }

    static string Skip(JsonElement data) =>
        data.Text("reason") switch
        {
            "Branch" => $" ({data.Text("by")} did not choose it)",
            "ShortCircuit" => $" ({data.Text("by")} short-circuited)",
            "Condition" => " (its condition did not hold)",
            "ExitCode" => " (its exit code)",
            "NoItems" => " (its for_each has no items)",
            "Timeout" => " (the run's time was up)",
            "FailFast" => $" ({data.Text("by")} failed)",
            "Cancelled" => " (the run was cancelled)",
            _ => "",
        };

    static string Called(JsonElement data) => data.Text("renderedMapIndex") is { Length: > 0 } name ? $" ({name})" : "";

    static string By(JsonElement data) =>
        data.Text("note") is { Length: > 0 } note ? $"{data.Text("by")}: {note}" : data.Text("by");

    // The first few: a run may have thousands.
    static string Tasks(JsonElement data)
    {
        var tasks = data.Items("tasks").Select(x => x.Text("task")).ToList();
        var more = tasks.Count > NamedTasks ? $" and {tasks.Count - NamedTasks} more" : "";
        return string.Join(", ", tasks.Take(NamedTasks)) + more;
    }

    static string Why(JsonElement data) =>
        data.Text("detail") is { Length: > 0 } detail ? $"{data.Text("reason")} ({detail})" : data.Text("reason");

    static string Outputs(JsonElement data) =>
        RunText.Outputs(data.At("outputs"), data.At("storedOutputs")) is { Length: > 0 } outputs ? $" ({outputs})" : "";
}
