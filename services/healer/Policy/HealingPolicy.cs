using System.ComponentModel.DataAnnotations;
using Nightshift.Healer.Cases;

namespace Nightshift.Healer.Policy;

/// <summary>
/// How far healing may go on its own. Section <c>Healing</c>; environment <c>Healing__MemoryFactor</c> and so on.
/// </summary>
public sealed record HealingPolicy
{
    /// <summary>What a memory limit is multiplied by when a task was killed for memory; 1.1 to 16, default 2.</summary>
    [Range(1.1, 16, ErrorMessage = "Healing:MemoryFactor must be a number from 1.1 to 16")]
    public double MemoryFactor { get; init; } = 2;

    /// <summary>
    /// The largest limit healing may give a task, MiB; 6 to 1048576, default 4096. A task already there is escalated.
    /// </summary>
    [Range(6, 1_048_576, ErrorMessage = "Healing:MaxMemoryMiB must be a number from 6 to 1048576")]
    public int MaxMemoryMiB { get; init; } = 4096;

    /// <summary>
    /// Actions on one target in any hour; 0 to 60, default 3. With 0 healing only watches and escalates.
    /// </summary>
    [Range(0, MostActionsPerHour, ErrorMessage = "Healing:MaxActionsPerTargetPerHour must be a number from 0 to 60")]
    public int MaxActionsPerTargetPerHour { get; init; } = 3;

    /// <summary>
    /// Actions on all targets together in any hour; 1 to 10000, default null: no such limit. Decisions on different
    /// targets taken in the same instant do not see each other, so it may be passed by as many as run at once.
    /// </summary>
    [Range(1, 10_000, ErrorMessage = "Healing:GlobalMaxActionsPerHour must be a number from 1 to 10000, or absent")]
    public int? GlobalMaxActionsPerHour { get; init; }

    /// <summary>
    /// How long after a restart a container may take to become healthy; 1 s to 1 h, default 60 s. One with a health
    /// check gets, on top of it, the longest time that check may take to a verdict: starting is not failing.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "01:00:00",
        ErrorMessage = "Healing:VerifyWithin must be a time from 00:00:01 to 01:00:00"
    )]
    public TimeSpan VerifyWithin { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long after a raise of memory the end of the next attempt may stay unheard of; 1 s to 30 d, default 1 d. What
    /// has to be bounded is only the start of that attempt, but starts are not told to the healer: that would be a
    /// message for each attempt of every task, to guard against a command that got lost. So this must be longer than
    /// the longest task runs and waits; one that takes longer still is escalated, and settled when it succeeds.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "30.00:00:00",
        ErrorMessage = "Healing:RaiseWithin must be a time from 00:00:01 to 30.00:00:00"
    )]
    public TimeSpan RaiseWithin { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long a container without a health check must run before that counts as healthy; 0 to 10 min, default 5 s.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00",
        "00:10:00",
        ErrorMessage = "Healing:StableFor must be a time from 00:00:00 to 00:10:00"
    )]
    public TimeSpan StableFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Wait before the second restart in a row; doubles with each further one, up to a minute. 0 to 1 min, default 2 s.
    /// The first is immediate.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:00",
        "00:01:00",
        ErrorMessage = "Healing:BackOff must be a time from 00:00:00 to 00:01:00"
    )]
    public TimeSpan BackOff { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Failures after health that make a target flapping when they lie within <see cref="FlapWindow"/>; 2 to 20,
    /// default 3.
    /// </summary>
    [Range(2, Flapping.MostFalls, ErrorMessage = "Healing:FlapFailures must be a number from 2 to 20")]
    public int FlapFailures { get; init; } = 3;

    /// <summary>The time in which failures count as flapping; 1 min to 1 d, default 30 min.</summary>
    [Range(
        typeof(TimeSpan),
        "00:01:00",
        "1.00:00:00",
        ErrorMessage = "Healing:FlapWindow must be a time from 00:01:00 to 1.00:00:00"
    )]
    public TimeSpan FlapWindow { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long a flapping target must stay well before its incident is resolved; 1 s to 1 d, default 10 min. The
    /// default is the time after which Kubernetes forgets a crash loop.
    /// </summary>
    [Range(
        typeof(TimeSpan),
        "00:00:01",
        "1.00:00:00",
        ErrorMessage = "Healing:FlapStableFor must be a time from 00:00:01 to 1.00:00:00"
    )]
    public TimeSpan FlapStableFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The largest budget that can be configured; a case remembers this many actions.</summary>
    public const int MostActionsPerHour = 60;

    static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);

    /// <summary>The wait before the next restart.</summary>
    /// <param name="tries">Restarts already tried in a row; 0 waits for nothing.</param>
    public TimeSpan WaitAfter(int tries) =>
        tries == 0
            ? TimeSpan.Zero
            : TimeSpan.FromTicks(Math.Min(LongestBackOff.Ticks, BackOff.Ticks << Math.Min(tries - 1, 10)));

    /// <summary>The limit after one raise, MiB.</summary>
    public int Raise(int memoryMiB) => (int)Math.Min(MaxMemoryMiB, Math.Ceiling(memoryMiB * MemoryFactor));
}
