using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Sees to it that every attempt comes to an end although a message was lost: by the broker, with a queue that somebody
/// deleted, or in an error queue. One timer per open run asks the executors again for what has been without news, and
/// looks at the previous run again for tasks that wait for it; a
/// command that arrived before is answered with what is known of its attempt.
/// </summary>
public sealed class RunWatchdog(
    StreamStore<Run> runs,
    RunStore outputs,
    QueuedWork works,
    TimerTable timers,
    PastRuns past,
    IBus bus,
    Installation installation,
    TimeProvider clock
)
{
    /// <summary>How often an open run is looked at, and how long an attempt may be without news.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Attempts of one run asked for at a time: a long backlog must not fill the broker with questions. The next ones
    /// have their turn a period later.
    /// </summary>
    public const int MostAtOnce = 500;

    /// <summary>Asks again where it is due, and arms the timer for the next time unless the run has ended.</summary>
    public async Task Check(string runId, CancellationToken cancellationToken)
    {
        var run = (await runs.Transact(runId, static _ => [], cancellationToken)).State;
        if (run is not { Queued: not null, Outcome: null })
            return;
        if (run.Plan.WaitsForPast)
            await past.Check(runId, cancellationToken);
        var now = clock.GetUtcNow();
        var queued = await works.Of(runId, ReadingVariables(run, now), cancellationToken);
        foreach (var ask in await outputs.Read(run, x => Silent(run, now, x, queued), cancellationToken))
        {
            var endpoint = await bus.GetSendEndpoint(installation.Address(ExecutorQueue.OfTasks(ask.Queue)));
            await endpoint.Send(ask, cancellationToken);
        }
        await timers.Change(
            RunStream.Definition.Prefix + runId,
            new TimerChange.In(RunStream.WatchdogTimer, Period),
            cancellationToken
        );
    }

    /// <summary>The commands for attempts that have been queued or running for a period without news.</summary>
    /// <param name="run">The run.</param>
    /// <param name="now">The instant they are asked for (UTC).</param>
    /// <param name="outputs">Outputs beside the run's stream; null for none.</param>
    /// <param name="queued">Work that cannot be rendered again, since it has variables; null for none.</param>
    public static IReadOnlyList<StartAttempt> Silent(
        Run run,
        DateTimeOffset now,
        OutputValues? outputs = null,
        IReadOnlyDictionary<(string Task, int Attempt), AttemptWork>? queued = null
    ) =>
        [
            .. SilentTasks(run, now)
                .Select(x =>
                    RunStream.Start(
                        run.Queued!.RunId.Value,
                        x.Key,
                        x.Value.Attempt,
                        queued?.GetValueOrDefault((x.Key, x.Value.Attempt))
                            ?? RunValues.Work(
                                run,
                                run.Plan[x.Key],
                                x.Value.MemoryMiB,
                                x.Value.StartedAt!.Value,
                                outputs ?? new()
                            ),
                        x.Value.StartedAt!.Value
                    )
                ),
        ];

    static IReadOnlyCollection<string> ReadingVariables(Run run, DateTimeOffset now) =>
        [.. SilentTasks(run, now).Select(x => x.Key).Where(x => MayReadVariables(run.Plan[x]))];

    // A text with the word that is no such template costs a query.
    static bool MayReadVariables(TaskSpec spec) =>
        spec.Env.Values.Any(x => x.Contains("var", StringComparison.Ordinal) && TemplateText.IsTemplate(x));

    static IEnumerable<KeyValuePair<string, TaskInstance>> SilentTasks(Run run, DateTimeOffset now)
    {
        var silent = run
            .Tasks.Where(x =>
                x.Value is { State: TaskState.Queued or TaskState.Running, StartedAt: { } since }
                && since + Period <= now
            )
            .OrderBy(x => x.Key, StringComparer.Ordinal)
            .ToList();
        var turns = (silent.Count + MostAtOnce - 1) / MostAtOnce;
        var turn = turns == 0 ? 0 : (int)(now.Ticks / Period.Ticks % turns);
        return silent.Skip(turn * MostAtOnce).Take(MostAtOnce);
    }
}
