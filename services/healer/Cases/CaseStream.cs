using System.Globalization;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Healer.Cases;

/// <summary>How cases are named, folded and timed.</summary>
public static class CaseStream
{
    /// <summary>Start of every case's stream id; the rest is the target.</summary>
    public const string Prefix = "case-";

    /// <summary>For the store, timers and replay.</summary>
    public static StreamDefinition<Case> Definition { get; } =
        new(Prefix, typeof(CaseEvent), Case.None, Case.Evolve) { Timers = (_, e) => Timers(e) };

    /// <summary>Names the timer after which a waiting restart is due.</summary>
    public static string Act(string container, int action) => Purpose("act", container, action);

    /// <summary>Names the timer after which a restart must have led to health.</summary>
    public static string Verify(string container, int action) => Purpose("verify", container, action);

    /// <summary>Names the timer after which a container that runs, or a DAG that flapped, counts as well.</summary>
    public static string Stable(string subject, int turn) => Purpose("stable", subject, turn);

    /// <summary>
    /// Names the timer after which a raise of memory must have been heard of. The action is enough: it is the only one
    /// of its number in the case.
    /// </summary>
    public static string Raise(int action) => string.Create(CultureInfo.InvariantCulture, $"raise:{action}");

    static IEnumerable<TimerChange> Timers(object @event) =>
        @event switch
        {
            RestartPlanned e => [new TimerChange.In(Act(e.Subject, e.Action), e.Wait)],
            RestartStarted e => [new TimerChange.In(Verify(e.Subject, e.Action), e.VerifyWithin)],
            MemoryRaiseStarted e => [new TimerChange.In(Raise(e.Action), e.VerifyWithin)],
            HealthSeen { BelieveAfter: { } wait } e => [new TimerChange.In(Stable(e.Subject, e.Turn), wait)],
            _ => [],
        };

    static string Purpose(string kind, string container, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}:{container}:{number}");
}
