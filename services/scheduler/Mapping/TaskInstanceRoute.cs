using System.Globalization;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Mapping;

/// <summary>
/// The task that a request is about. Its path has <c>{taskId}</c>; an instance of a mapped task has its index behind it as
/// <c>{mapIndex}</c> or as <c>?map_index=</c>, as in Airflow, or is named as a whole, <c>load[3]</c>.
/// </summary>
/// <param name="Name">The task's name, or the instance's.</param>
readonly record struct TaskInstanceRoute(string Name)
{
    const string MapIndex = "map_index";

    /// <summary>The two paths to a task instance below another.</summary>
    public static string[] Paths(string below) => [$"{below}{{taskId}}", $"{below}{{taskId}}/{{mapIndex:int}}"];

    /// <summary>Reads the request.</summary>
    /// <exception cref="RejectedException"><c>invalid_map_index</c></exception>
    public static ValueTask<TaskInstanceRoute> BindAsync(HttpContext http)
    {
        var task = (string)http.Request.RouteValues["taskId"]!;
        var given = http.Request.RouteValues["mapIndex"] as string ?? http.Request.Query[MapIndex].ToString();
        if (given.Length == 0)
            return new(new TaskInstanceRoute(task));
        if (
            !int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            || index < -1
        )
            throw new RejectedException(
                "invalid_map_index",
                $"'{MapIndex}' is '{given}'; give the index of an instance, from 0, or -1 for a task that is not mapped"
            );
        return new(new TaskInstanceRoute(new TaskInstanceId(task, index).ToString()));
    }

    /// <summary>The one task that is meant, which may be an instance that was removed.</summary>
    /// <exception cref="RejectedException"><c>unknown_task</c>: there is none, or it is mapped and no instance is
    /// named.</exception>
    public TaskSpec In(Run run) =>
        run.Find(Name) is not null ? run.Plan[Name]
        : run.MappedOf(Name) is { } mapped
            ? throw new RejectedException(
                "unknown_task",
                $"Task '{Name}' of run '{run.Queued!.RunId}' is mapped: add an index from 0 to {mapped.Length - 1}, as "
                    + $"'{TaskInstanceId.Of(Name, 0)}' or with '{MapIndex}'"
            )
        : throw Unknown(run);

    /// <summary>All that is meant: the instances of a mapped task, one of them, or a task.</summary>
    /// <exception cref="RejectedException"><c>unknown_task</c></exception>
    public IReadOnlyList<TaskSpec> AllIn(Run run) =>
        run.Named(Name) is { Count: > 0 } tasks ? tasks : throw Unknown(run);

    RejectedException Unknown(Run run) => new("unknown_task", $"Run '{run.Queued!.RunId}' has no task '{Name}'");
}
