using System.Text.Json;

namespace Nightshift.Scheduler.Dags;

/// <summary>What a trigger rule makes of the tasks upstream.</summary>
public enum Verdict
{
    Wait,
    Ready,
    Skip,
    UpstreamFailed,
}

/// <summary>How many of a task's upstream tasks ended in which way.</summary>
public readonly record struct UpstreamCounts(int Total, int Succeeded, int Failed, int Skipped, int UpstreamFailed)
{
    /// <summary>How many have ended.</summary>
    public int Done => Succeeded + Failed + Skipped + UpstreamFailed;
}

/// <summary>
/// Airflow's trigger rules, judged over counts so that one more end costs the same however many tasks a join has.
/// </summary>
public static class TriggerRules
{
    /// <summary>The rule as DAG files write it: <c>none_failed_min_one_success</c>.</summary>
    public static string NameOf(TriggerRule rule) => JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.ToString());

    /// <summary>Whether a task with this rule runs, waits, or is given up.</summary>
    public static Verdict Judge(TriggerRule rule, UpstreamCounts upstream)
    {
        var (total, succeeded, failed, skipped, upstreamFailed) = upstream;
        var bad = failed + upstreamFailed;
        var allDone = upstream.Done == total;
        if (total == 0 || rule is TriggerRule.Always)
            return Verdict.Ready;
        return rule switch
        {
            TriggerRule.AllSuccess => bad > 0 ? Verdict.UpstreamFailed
            : skipped > 0 ? Verdict.Skip
            : ReadyWhen(succeeded == total),
            TriggerRule.AllFailed => succeeded + skipped > 0 ? Verdict.Skip : ReadyWhen(bad == total),
            TriggerRule.AllDone => ReadyWhen(allDone),
            TriggerRule.AllDoneMinOneSuccess => !allDone ? Verdict.Wait
            : succeeded > 0 ? Verdict.Ready
            : bad > 0 ? Verdict.UpstreamFailed
            : Verdict.Skip,
            TriggerRule.AllSkipped => succeeded + bad > 0 ? Verdict.Skip : ReadyWhen(skipped == total),
            TriggerRule.OneSuccess => succeeded > 0 ? Verdict.Ready
            : !allDone ? Verdict.Wait
            : skipped == total ? Verdict.Skip
            : Verdict.UpstreamFailed,
            TriggerRule.OneFailed => bad > 0 ? Verdict.Ready
            : allDone ? Verdict.Skip
            : Verdict.Wait,
            TriggerRule.OneDone => succeeded + failed > 0 ? Verdict.Ready
            : allDone ? Verdict.Skip
            : Verdict.Wait,
            TriggerRule.NoneFailed => bad > 0 ? Verdict.UpstreamFailed : ReadyWhen(allDone),
            TriggerRule.NoneFailedMinOneSuccess => bad > 0 ? Verdict.UpstreamFailed
            : skipped == total ? Verdict.Skip
            : ReadyWhen(allDone),
            TriggerRule.NoneSkipped => skipped > 0 ? Verdict.Skip : ReadyWhen(allDone),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such trigger rule"),
        };
    }

    static Verdict ReadyWhen(bool ready) => ready ? Verdict.Ready : Verdict.Wait;
}
