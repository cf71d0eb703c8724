using System.Globalization;
using Nightshift.Healer.Containers;
using Nightshift.Healer.Dags;
using Nightshift.Healer.Tasks;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Healer.Cases;

/// <summary>
/// Back-off, verification and proving time of containers, proving time of DAGs, and the time a raise of memory may
/// take. The state decides whether a timer still means anything.
/// </summary>
public sealed class CaseTimers(CaseStore cases) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => CaseStream.Prefix;

    /// <inheritdoc/>
    public Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        // kind:subject:number, and a subject may hold a colon
        var (first, last) = (timer.Purpose.IndexOf(':'), timer.Purpose.LastIndexOf(':'));
        var subject = first < last ? timer.Purpose[(first + 1)..last] : "";
        var number = int.Parse(timer.Purpose[(last + 1)..], CultureInfo.InvariantCulture);
        var target = timer.StreamId[Prefix.Length..];
        return cases.Decide(
            target,
            (x, decision) =>
                (timer.Purpose[..first], DagTarget.Parse(target)) switch
                {
                    ("act", _) => ContainerDecider.Decide(x, new ActNow(subject, number), decision),
                    ("verify", _) => ContainerDecider.Decide(x, new CheckVerified(subject, number), decision),
                    ("stable", null) => ContainerDecider.Decide(x, new CheckStable(subject, number), decision),
                    ("stable", { } dag) => DagDecider.Decide(x, new CheckDagStable(dag, subject), decision),
                    ("raise", _) => TaskDecider.Decide(x, new CheckRaised(target, number), decision),
                    _ => [],
                },
            cancellationToken
        );
    }
}
