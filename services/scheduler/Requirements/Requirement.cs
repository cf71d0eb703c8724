using System.Globalization;

namespace Nightshift.Scheduler.Requirements;

/// <summary>The run of a DAG with the latest logical date, of those that have started.</summary>
/// <param name="RunId">The run.</param>
/// <param name="State">Airflow's word for where it stands: running, success or failed.</param>
/// <param name="EndedAt">When it ended (UTC); null while it runs.</param>
public sealed record LatestRun(string RunId, string State, DateTimeOffset? EndedAt);

/// <summary>What is known of a DAG that another requires.</summary>
/// <param name="Requirement">What is required.</param>
/// <param name="IsLive">Whether there is such a DAG.</param>
/// <param name="Latest">Its latest run; null for none.</param>
/// <param name="Now">The instant it was looked at (UTC).</param>
public sealed record RequiredDag(DagRequirement Requirement, bool IsLive, LatestRun? Latest, DateTimeOffset Now)
{
    /// <summary>Whether runs may start.</summary>
    public bool IsMet =>
        Latest is { State: "success", EndedAt: { } ended }
        && (Requirement.Within is not { } within || Now - ended <= within);

    /// <summary>What is missing, for people; only while it is not met.</summary>
    public string Reason() =>
        (Latest, IsLive) switch
        {
            (null, false) => $"There is no DAG '{Requirement.DagId}', which this one requires",
            (null, true) => $"DAG '{Requirement.DagId}' has not run yet, and its latest run has to succeed",
            ({ State: "success" } x, _) =>
                $"DAG '{Requirement.DagId}' has to succeed within {Durations.Write(Requirement.Within ?? default)}: "
                    + $"its latest run {x.RunId} ended at {Instant(x.EndedAt)}",
            ({ State: "failed" } x, _) =>
                $"The latest run of DAG '{Requirement.DagId}' has to succeed: {x.RunId} failed at {Instant(x.EndedAt)}",
            ({ } x, _) => $"The latest run of DAG '{Requirement.DagId}' has to succeed: {x.RunId} is {x.State}",
        };

    static string Instant(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
