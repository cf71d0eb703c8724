using System.Text.Json.Serialization;

namespace Nightshift.Scheduler.Dags;

/// <summary>What a trigger rule makes of the tasks upstream.</summary>
public enum Verdict
{
    Wait,
    Ready,
    Skip,
    UpstreamFailed,

    /// <summary>A mapped task whose index has no counterpart upstream any more.</summary>
    Removed,
}

/// <summary>How many of a task's direct upstream tasks ended in which way.</summary>
public readonly record struct UpstreamCounts(int Total, int Succeeded, int Failed, int Skipped, int UpstreamFailed)
{
    /// <summary>How many were removed: mapped instances that a later expansion has no value for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Removed { get; init; }

    /// <summary>How many are setups, ended or not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Setups { get; init; }

    /// <summary>How many setups succeeded; they count in <see cref="Succeeded"/> too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SetupsSucceeded { get; init; }

    /// <summary>How many setups were skipped; they count in <see cref="Skipped"/> too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SetupsSkipped { get; init; }

    /// <summary>How many have ended.</summary>
    [JsonIgnore]
    public int Done => Succeeded + Failed + Skipped + UpstreamFailed + Removed;
}

/// <summary>
/// Airflow's trigger rules, judged over counts so that one more end costs the same however many tasks a join has. A
/// rule that cannot be met any more is decided at once and does not wait for the other tasks upstream.
/// </summary>
public static class TriggerRules
{
    /// <summary>The map index of a task that is not mapped.</summary>
    public const int NotMapped = -1;

    /// <summary>Whether a task with this rule runs, waits, or is given up.</summary>
    /// <param name="rule">The task's rule.</param>
    /// <param name="upstream">How its direct upstream tasks have ended so far.</param>
    /// <param name="mapIndex">Its map index. A mapped task does not wait for instances that were removed.</param>
    /// <param name="maySkip">False while a task that depends on the past must not be skipped yet
    /// (<c>wait_for_past_depends_before_skipping</c>).</param>
    public static Verdict Judge(
        TriggerRule rule,
        UpstreamCounts upstream,
        int mapIndex = NotMapped,
        bool maySkip = true
    )
    {
        if (upstream.Total == 0 || rule is TriggerRule.Always)
            return Verdict.Ready;
        var verdict = Judge(rule, upstream, mapIndex, required: Required(upstream, mapIndex));
        return verdict is Verdict.Skip && !maySkip ? Verdict.Wait : verdict;
    }

    static int Required(UpstreamCounts upstream, int mapIndex) =>
        mapIndex > NotMapped ? upstream.Total - upstream.Removed : upstream.Total;

    static Verdict Judge(TriggerRule rule, UpstreamCounts upstream, int mapIndex, int required)
    {
        var (total, succeeded, failed, skipped, upstreamFailed) = upstream;
        var bad = failed + upstreamFailed;
        var allDone = upstream.Done >= total;
        return rule switch
        {
            TriggerRule.AllSuccess => bad > 0 ? Verdict.UpstreamFailed
            : skipped > 0 ? Verdict.Skip
            : upstream.Removed > 0 && succeeded > 0 && mapIndex >= succeeded ? Verdict.Removed
            : ReadyWhen(succeeded >= required),
            TriggerRule.AllFailed => succeeded + skipped > 0 ? Verdict.Skip : ReadyWhen(bad >= required),
            TriggerRule.AllDone => ReadyWhen(allDone),
            TriggerRule.AllDoneMinOneSuccess => skipped > 0 ? Verdict.Skip
            : !allDone ? Verdict.Wait
            : succeeded > 0 ? Verdict.Ready
            : Verdict.UpstreamFailed,
            TriggerRule.AllDoneSetupSuccess => !allDone ? Verdict.Wait
            : upstream.Setups == 0 || upstream.SetupsSucceeded > 0 ? Verdict.Ready
            : upstream.SetupsSkipped >= upstream.Setups ? Verdict.Skip
            : Verdict.UpstreamFailed,
            TriggerRule.AllSkipped => succeeded + bad > 0 ? Verdict.Skip : ReadyWhen(skipped >= total),
            TriggerRule.OneSuccess => succeeded > 0 ? Verdict.Ready
            : !allDone ? Verdict.Wait
            : skipped == upstream.Done ? Verdict.Skip
            : Verdict.UpstreamFailed,
            TriggerRule.OneFailed => bad > 0 ? Verdict.Ready
            : allDone ? Verdict.Skip
            : Verdict.Wait,
            TriggerRule.OneDone => succeeded + failed > 0 ? Verdict.Ready
            : allDone ? Verdict.Skip
            : Verdict.Wait,
            TriggerRule.NoneFailed => bad > 0 ? Verdict.UpstreamFailed : ReadyWhen(succeeded + skipped >= required),
            TriggerRule.NoneFailedMinOneSuccess => bad > 0 ? Verdict.UpstreamFailed
            : skipped == total ? Verdict.Skip
            : ReadyWhen(succeeded + skipped >= required),
            TriggerRule.NoneSkipped => skipped > 0 ? Verdict.Skip : ReadyWhen(allDone),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such trigger rule"),
        };
    }

    static Verdict ReadyWhen(bool ready) => ready ? Verdict.Ready : Verdict.Wait;
}
