using FsCheck.Xunit;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Pools;

/// <summary>
/// What holds for slots, however requests, grants, ends, stops, lost transactions, dying processes and changed sizes of
/// pools follow each other.
/// </summary>
public sealed class SlotProperties
{
    [Property(MaxTest = 300)]
    public void Slots_are_never_exceeded_nobody_waits_with_free_slots_and_all_return(int seed)
    {
        var world = new World(new Random(seed));
        for (var step = 0; step < 150; step++)
            world.Step();
        world.Drain();
    }

    /// <summary>Runs, the rows of their tasks, and the pools, as a database holds them.</summary>
    sealed class World(Random dice)
    {
        readonly List<Run> runs = [];
        readonly Dictionary<(string, string), SlotRequest> rows = [];
        readonly Dictionary<string, int> pools = new()
        {
            ["p"] = 2,
            ["q"] = 1,
            ["any"] = SlotLedger.Unlimited,
        };
        readonly List<DagSpec> dags = [.. Enumerable.Range(0, 3).Select(i => AnyDag(dice, i))];

        // granted and committed, and not queued yet by whoever granted it: lost when that dies
        readonly List<SlotRequest> granted = [];
        DateTimeOffset now = T0;

        public void Step()
        {
            now += TimeSpan.FromSeconds(dice.Next(90));
            switch (dice.Next(12))
            {
                case 0 when runs.Count < 12:
                    Begin();
                    break;
                case 1:
                    granted.Clear(); // the granting process dies; what it had granted stays granted
                    break;
                case 2:
                    Resize();
                    break;
                case 3:
                    Grant(lost: true);
                    break;
                case < 6:
                    Grant(lost: false);
                    break;
                case < 8:
                    QueueGranted(granted.ToList());
                    break;
                case 8:
                    Clear();
                    break;
                default:
                    EndSomething();
                    break;
            }
            Check();
        }

        // Also in runs that were stopped: tasks that waited for slots, or held some, ask for them again.
        void Clear()
        {
            if (runs.Count == 0)
                return;
            var number = dice.Next(runs.Count);
            foreach (var (task, instance) in runs[number].Tasks.Where(_ => dice.Next(2) == 0))
                Decide(number, x => RunDecider.Decide(x, new ClearTask(task, instance.Attempt, 64, "case", now)));
        }

        // Whatever is unfinished ends, with every process alive and pools that are large enough.
        public void Drain()
        {
            (pools["p"], pools["q"]) = (2, 1);
            for (var step = 0; runs.Any(x => x.Outcome is null); step++)
            {
                Assert.True(step < 2000, "A task waits for ever");
                now += TimeSpan.FromMinutes(1);
                Grant(lost: false);
                QueueGranted([.. rows.Values.Where(x => x.State is SlotState.Granted)]); // the watchdog's look
                EndSomething();
                Check();
            }
            Assert.Empty(rows);
        }

        void Begin()
        {
            var dag = dags[dice.Next(dags.Count)];
            var start = Start(dag) with { RunId = new($"manual__{dag.DagId}__{runs.Count}"), At = now };
            runs.Add(Run.None);
            Decide(runs.Count - 1, run => RunDecider.Decide(run, start));
        }

        void Resize()
        {
            pools["p"] = dice.Next(5);
            if (!pools.Remove("q"))
                pools["q"] = dice.Next(3);
        }

        void Grant(bool lost)
        {
            var ledger = SlotLedger.Of(pools, rows.Values);
            var waiting = rows.Values.Where(x => !x.Holds).ToList();
            var before = Used();
            var chosen = SlotAllocator.Grant(ledger, waiting, now);
            if (lost)
                return; // nothing was committed
            foreach (var each in chosen)
            {
                rows[(each.StreamId, each.Task)] = each with { State = SlotState.Granted };
                granted.Add(each);
            }
            foreach (var (pool, used) in Used())
                if (used > before.GetValueOrDefault(pool))
                    Assert.InRange(used, 0, SlotLedger.Of(pools, []).SlotsOf(pool)!.Value);
            Limits();
            NobodyWaitsWithFreeSlots(waiting.Except(chosen));
        }

        void NobodyWaitsWithFreeSlots(IEnumerable<SlotRequest> waiting)
        {
            var ledger = SlotLedger.Of(pools, rows.Values);
            var reserved = waiting
                .Where(x => SlotAllocator.ReservesPool(ledger, x, now))
                .Select(x => x.Limits.Pool)
                .ToHashSet();
            Assert.All(
                waiting.Where(x => !reserved.Contains(x.Limits.Pool) || x.Limits.Pool is null),
                x => Assert.NotNull(ledger.Obstacle(x))
            );
        }

        void QueueGranted(IReadOnlyList<SlotRequest> which)
        {
            foreach (var each in which)
            {
                granted.Remove(each);
                var run = runs.FindIndex(x => $"run-{x.Queued!.RunId}" == each.StreamId);
                var start = new StartScheduled(each.Task, each.Number, now);
                var committed = Decide(run, x => RunDecider.Decide(x, start));
                if (committed) // nobody else queues it a second time
                    Assert.Empty(RunDecider.Decide(runs[run], start));
            }
        }

        void EndSomething()
        {
            var open = runs.Index().Where(x => x.Item.Outcome is null).ToList();
            if (open.Count == 0)
                return;
            var (number, run) = open[dice.Next(open.Count)];
            if (dice.Next(40) == 0)
                Decide(number, x => RunDecider.Decide(x, new RunTimeoutDue(now.AddDays(1))));
            foreach (var (task, instance) in run.Tasks.Where(_ => dice.Next(2) == 0))
                Decide(
                    number,
                    x =>
                        instance.State switch
                        {
                            TaskState.UpForRetry => RunDecider.Decide(x, new RetryDue(task, instance.Attempt + 1, now)),
                            TaskState.Queued when dice.Next(2) == 0 => RunDecider.Decide(
                                x,
                                new ReportStart(task, instance.Attempt, now)
                            ),
                            TaskState.Queued or TaskState.Running => RunDecider.Decide(
                                x,
                                Report(task, instance.Attempt)
                            ),
                            _ => [],
                        }
                );
        }

        ReportAttempt Report(string task, int attempt) =>
            dice.Next(4) switch
            {
                0 => Failed(task, attempt),
                1 => Faulted(task, attempt),
                _ => Succeeded(task, attempt),
            };

        // One transaction: the events and the rows together, or neither.
        bool Decide(int number, Func<Run, IReadOnlyList<RunEvent>> decide)
        {
            if (runs[number].Queued is not null && dice.Next(10) == 0)
                return false; // lost
            foreach (var e in decide(runs[number]))
            {
                var before = runs[number];
                var after = runs[number] = Run.Evolve(before, e);
                foreach (
                    var change in SlotRequestRows.Of(before, after, e, RunStream.Definition.KeysChangedBy(after, e))
                )
                    Apply(change);
            }
            return true;
        }

        void Apply(SlotRowChange change)
        {
            var key = (change.StreamId, change.Task);
            switch (change)
            {
                case SlotRowChange.Requested x:
                    rows[key] = x.Request;
                    break;
                case SlotRowChange.Advanced x:
                    rows[key] = rows[key] with { State = x.State };
                    break;
                default:
                    Assert.True(rows.Remove(key));
                    break;
            }
        }

        // A row for each task that waits for slots or holds some, and for no other.
        void Check() =>
            Assert.Equal(
                runs.Where(x => x.Queued is not null)
                    .SelectMany(run =>
                        run.Tasks.Where(x =>
                                TaskLimits.Of(run.Queued!, run.Plan[x.Key]) is not null
                                && x.Value.State is TaskState.Scheduled or TaskState.Queued or TaskState.Running
                            )
                            .Select(x => ($"run-{run.Queued!.RunId}", x.Key))
                    )
                    .Order(),
                rows.Keys.Order()
            );

        Dictionary<string, int> Used() =>
            rows
                .Values.Where(x => x.Holds && x.Limits.Pool is not null)
                .GroupBy(x => x.Limits.Pool!, x => x.Limits.Slots)
                .ToDictionary(x => x.Key, x => x.Sum());

        void Limits()
        {
            foreach (var scope in rows.Values.Where(x => x.Holds).SelectMany(x => x.Needs()).GroupBy(x => x.Scope))
                if (scope.Key.Kind is not LimitKind.Pool)
                    Assert.InRange(scope.Count(), 0, scope.Min(x => x.Limit!.Value));
        }

        static DagSpec AnyDag(Random dice, int number)
        {
            var size = dice.Next(1, 6);
            var tasks = Enumerable
                .Range(0, size)
                .Select(i =>
                    ExtractThenLoad.Tasks[0] with
                    {
                        TaskId = $"t{i}",
                        Needs = i > 0 && dice.Next(2) == 0 ? [$"t{dice.Next(i)}"] : [],
                        Rule = TriggerRule.AllDone,
                        Pool = dice.Next(5) switch
                        {
                            0 => null,
                            1 => "q",
                            2 => "any",
                            _ => "p",
                        },
                        PoolSlots = null,
                        PriorityWeight = dice.Next(100),
                        MaxActiveTisPerDag = dice.Next(4) == 0 ? dice.Next(1, 3) : null,
                        MaxActiveTisPerDagrun = dice.Next(6) == 0 ? 1 : null,
                        ForEach = dice.Next(5) == 0 ? [new MapSource(null, "[1, 2, 3]", null)] : null,
                    }
                )
                .Select(x => x.Pool == "p" && dice.Next(3) == 0 ? x with { PoolSlots = 2 } : x);
            return ExtractThenLoad with
            {
                DagId = $"dag{number}",
                Tasks = [.. tasks],
                DagRunTimeout = TimeSpan.FromDays(1),
                FailFast = dice.Next(4) == 0,
                MaxActiveTasks = dice.Next(3) == 0 ? dice.Next(1, 3) : null,
            };
        }
    }
}
