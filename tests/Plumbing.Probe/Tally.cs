using System.Collections.Immutable;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Plumbing.Probe;

/// <summary>A fact about one tally: the smallest stream that can show what the plumbing promises.</summary>
public abstract record TallyEvent(DateTimeOffset At);

/// <summary>A number was counted. Each number counts once.</summary>
public sealed record Counted(int Number, DateTimeOffset At) : TallyEvent(At);

/// <summary>A reminder was asked for.</summary>
public sealed record ReminderAsked(string Purpose, TimeSpan Delay, DateTimeOffset At) : TallyEvent(At);

/// <summary>A reminder came.</summary>
public sealed record ReminderCame(string Purpose, DateTimeOffset At) : TallyEvent(At);

/// <summary>What has been counted.</summary>
public sealed record Tally(ImmutableHashSet<int> Numbers, ImmutableHashSet<string> Reminders)
{
    /// <summary>A number whose message cannot be handled.</summary>
    public const int Unheard = -13;

    /// <summary>Tally streams.</summary>
    public static StreamDefinition<Tally> Stream { get; } =
        new("tally-", typeof(TallyEvent), new([], []), Evolve)
        {
            Timers = (_, e) => e is ReminderAsked x ? [new TimerChange.In(x.Purpose, x.Delay)] : [],
        };

    /// <summary>Counts a number, once.</summary>
    public static IReadOnlyList<TallyEvent> Count(Tally tally, int number, DateTimeOffset at) =>
        tally.Numbers.Contains(number) ? [] : [new Counted(number, at)];

    /// <summary>Notes a reminder, once.</summary>
    public static IReadOnlyList<TallyEvent> Remind(Tally tally, string purpose, DateTimeOffset at) =>
        tally.Reminders.Contains(purpose) ? [] : [new ReminderCame(purpose, at)];

    static Tally Evolve(Tally tally, object e) =>
        e switch
        {
            Counted x => tally with { Numbers = tally.Numbers.Add(x.Number) },
            ReminderCame x => tally with { Reminders = tally.Reminders.Add(x.Purpose) },
            _ => tally,
        };
}

/// <summary>Published for every number counted.</summary>
public sealed record NumberCounted(string TallyId, int Number);

/// <summary>Notes reminders that came due.</summary>
public sealed class TallyTimers(StreamStore<Tally> tallies, TimeProvider clock) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => Tally.Stream.Prefix;

    /// <inheritdoc/>
    public Task Fire(TimerDue timer, CancellationToken cancellationToken) =>
        tallies.Transact(
            timer.StreamId[Prefix.Length..],
            tally => Tally.Remind(tally, timer.Purpose, clock.GetUtcNow()),
            cancellationToken
        );
}
