using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.Chaos;

/// <summary>One disturbance to come.</summary>
/// <param name="Part">What to kill or stop.</param>
/// <param name="AfterBurst">How long after the start of a burst of runs.</param>
/// <param name="Settle">True to wait afterwards until the burst has ended; false hits the part again as soon as it is
/// back.</param>
sealed record PlannedKill(string Part, TimeSpan AfterBurst, bool Settle);

/// <summary>What is killed, in which order and when. The same seed makes the same plan.</summary>
static class KillPlan
{
    /// <summary>SIGSTOP in place of a kill: a process that exists and does nothing.</summary>
    public const string StoppedScheduler = "scheduler-stopped",
        StoppedExecutor = "executor-stopped";

    /// <summary>The start after a kill of the supervisor: services are ended and started again by it.</summary>
    public const string Restart = "up again";

    /// <summary>All that is killed unless some are chosen.</summary>
    public static readonly IReadOnlyList<string> Parts =
    [
        "scheduler",
        "scheduler-2",
        "executor",
        "executor-2",
        "webhooks",
        "healer",
        "escalation",
        "gateway",
        "postgres",
        "rabbitmq",
        "docker",
        Containerd.Part,
        "supervisor",
        StoppedScheduler,
        StoppedExecutor,
    ];

    /// <summary>The longest a run may stand still after a kill of any one process.</summary>
    static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A process that hangs is known by three probes without an answer, ten seconds apart at most, and then killed.
    /// </summary>
    static readonly TimeSpan AfterStop = TimeSpan.FromSeconds(35);

    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1.5);

    /// <summary>How long a run may stand still; null where nothing is promised.</summary>
    public static TimeSpan? StallLimit(string part) =>
        part switch
        {
            StoppedScheduler or StoppedExecutor => AfterStop,
            Restart or Observation.Undisturbed => null,
            _ => AfterKill,
        };

    /// <summary>
    /// Plans the kills of each part: part by part in a shuffled order, or all kills in a shuffled order.
    /// </summary>
    public static IReadOnlyList<PlannedKill> Make(int seed, int kills, IReadOnlyList<string> parts, bool mixed)
    {
        var dice = new Random(seed);
        string[] order = [.. parts];
        dice.Shuffle(order);
        PlannedKill[] plan =
        [
            .. from part in order
            from i in Enumerable.Range(1, kills)
            let after = LongestPause * dice.NextDouble()
            let settle = dice.Next(3) > 0
            select new PlannedKill(part, after, Settle: settle || !mixed && i == kills), // the next part starts afresh
        ];
        if (mixed)
            dice.Shuffle(plan);
        return plan;
    }
}
