using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Interventions;

/// <summary>The answer about a task or group that a run does not have.</summary>
static class UnknownTask
{
    public static RejectedException Named(Run run, string id, bool isGroup) =>
        new(
            isGroup ? "unknown_task_group" : "unknown_task",
            $"Run '{run.Queued!.RunId}' has no {Kind(run, isGroup)} '{id}'"
        );

    static string Kind(Run run, bool isGroup) =>
        isGroup ? "group"
        : run.Plan.Names.HasGroups ? "task or group"
        : "task";
}
