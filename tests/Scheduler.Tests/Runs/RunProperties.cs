using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Replay;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>What holds for every plan, whatever its tasks do and however their reports arrive.</summary>
[Properties(Arbitrary = [typeof(RunProperties)], MaxTest = 300)]
public sealed class RunProperties
{
    /// <summary>A plan and the dice its tasks throw.</summary>
    public sealed record Story(DagSpec Dag, int Seed);

    public static Arbitrary<Story> Stories() =>
        (
            from size in Gen.Choose(1, 12)
            from needs in Gen.ArrayOf(Gen.ArrayOf(Gen.Choose(0, 11), 3), size)
            from rules in Gen.ArrayOf(Gen.Elements(Enum.GetValues<TriggerRule>()), size)
            from retries in Gen.ArrayOf(Gen.Choose(0, 2), size)
            from kinds in Gen.ArrayOf(Gen.Choose(0, 9), size)
            from maps in Gen.ArrayOf(Gen.Choose(0, 9), size)
            from failFast in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
            from timeout in Gen.Elements<TimeSpan?>(null, TimeSpan.FromHours(1))
            from limit in Gen.Elements<int?>(null, 1)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            let tasks = Enumerable
                .Range(0, size)
                .Select(i =>
                    ExtractThenLoad.Tasks[0] with
                    {
                        TaskId = $"t{i}",
                        Needs = [.. needs[i].Where(n => n < i).Distinct().Select(n => $"t{n}")],
                        Rule = rules[i],
                        Retries = retries[i],
                        Role = kinds[i] switch
                        {
                            0 => TaskRole.Setup,
                            1 => TaskRole.Teardown,
                            _ => TaskRole.Work,
                        },
                        Branch = kinds[i] == 2 ? "next" : null,
                        ShortCircuit = kinds[i] is 3 or 4 ? new("next", kinds[i] == 3) : null,
                        RunIf = kinds[i] == 5 ? $"run_id == \"{(seed % 2 == 0 ? Id.Value : "another")}\"" : null,
                        SkipOnExitCode = kinds[i] == 6 ? [1] : null,
                        NoRetryOnExitCode = kinds[i] == 7 ? [1] : null,
                        DependsOnPast = kinds[i] == 8,
                        Pool = kinds[i] is 7 or 8 ? "pool" : null,
                        ForEach = maps[i] switch
                        {
                            0 => [new MapSource(null, "[1, 2, 3]", null)],
                            1 => [new MapSource("a", "[1, 2]", null), new MapSource("b", "[]", null)],
                            // outputs hold any number of items, or are no list; a teardown that fails for that after a
                            // run was marked is one more thing to mark
                            2 or 3 when kinds[i] != 1 && needs[i].FirstOrDefault(n => n < i, -1) is var n and >= 0 =>
                            [
                                new MapSource(null, null, $"{{{{ tasks.t{n}.output.next }}}}"),
                            ],
                            _ => null,
                        },
                        MaxMapLength = maps[i] == 3 ? 2 : null,
                    }
                )
            let dag = ExtractThenLoad with
            {
                Tasks = [.. tasks],
                FailFast = failFast,
                DagRunTimeout = timeout,
                MaxActiveRuns = limit,
            }
            select new Story(dag, seed)
        ).ToArbitrary();

    [Property]
    public void Every_plan_reaches_an_end_and_no_attempt_exceeds_its_limit(Story story)
    {
        var (run, log) = Play(story);
        Assert.NotNull(run.Outcome);
        Assert.Equal(0, run.Open);
        Assert.Equal(log.OfType<RunFinished>().Last().Outcome, run.Outcome);
        // nothing else opens a run again
        Assert.All(
            log.Zip(log.Skip(1)).Where(x => x.First is RunFinished),
            x =>
                Assert.True(
                    x.Second is TaskCleared or TasksCleared or TaskMarked or RunMarkedSuccess or RunStopped,
                    x.Second.ToString()
                )
        );
        foreach (var task in run.InstancesAndRemoved)
        {
            var instance = run.Tasks[task.TaskId];
            Assert.InRange(instance.Attempt, 0, instance.ClearedAt + instance.Requeued + task.Retries + 1);
            Assert.InRange(instance.Requeued, 0, RunDecider.MostRequeues);
        }
    }

    [Property]
    public void What_is_counted_along_the_way_is_what_counting_again_gives(Story story)
    {
        var run = Run.None;
        foreach (var e in Play(story).Log)
        {
            run = Run.Evolve(run, e);
            List<string> Names(IEnumerable<string> tasks) =>
                [.. tasks.SelectMany(x => run.InstancesOf(run.Plan[x])).Select(x => x.TaskId)];
            int Count(IEnumerable<string> tasks, params TaskState[] which) =>
                tasks.Count(x => which.Contains(run.Tasks[x].State));
            UpstreamCounts Counted(List<string> tasks, List<string> setups) =>
                new(
                    tasks.Count,
                    Count(tasks, TaskState.Success),
                    Count(tasks, TaskState.Failed),
                    Count(tasks, TaskState.Skipped),
                    Count(tasks, TaskState.UpstreamFailed)
                )
                {
                    Setups = setups.Count,
                    SetupsSucceeded = Count(setups, TaskState.Success),
                    SetupsSkipped = Count(setups, TaskState.Skipped),
                };
            foreach (var task in story.Dag.Tasks)
            {
                Assert.Equal(
                    Counted(Names(task.Needs), Names(task.Needs.Where(x => run.Plan[x].Role is TaskRole.Setup))),
                    run.UpstreamOf(task.TaskId)
                );
                if (run.MappedOf(task.TaskId) is { } mapped)
                    Assert.Equal(Counted(Names([task.TaskId]), []) with { Total = 0 }, mapped.Ends);
            }
            var live = run.Instances.Select(x => x.TaskId).ToList();
            Assert.Equal(live.Count(x => !run.Tasks[x].Ended), run.Open);
            Assert.DoesNotContain(live, x => run.Tasks[x].State is TaskState.Removed);
            Assert.All(run.Tasks.Keys.Except(live), x => Assert.Equal(TaskState.Removed, run.Tasks[x].State));
            Assert.Equal(
                Count(live.Where(run.Plan.IsEffectiveLeaf), TaskState.Failed, TaskState.UpstreamFailed),
                run.FailedLeaves
            );
        }
    }

    [Property]
    public void Folding_the_log_gives_the_state(Story story)
    {
        var (run, log) = Play(story);
        var folded = log.Aggregate(Run.None, Run.Evolve);
        Assert.Equal(
            run.Tasks.OrderBy(x => x.Key).Select(x => x.Value),
            folded.Tasks.OrderBy(x => x.Key).Select(x => x.Value)
        );
        Assert.Equal((run.Open, run.FailedLeaves, run.Outcome), (folded.Open, folded.FailedLeaves, folded.Outcome));
    }

    [Property]
    public void A_snapshot_gives_the_state_back(Story story)
    {
        var run = Play(story).Run;
        var json = JsonSerializer.Serialize(run, Json.Options);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<Run>(json, Json.Options), Json.Options));
    }

    [Property]
    public void A_replay_finds_every_change_where_it_looks(Story story)
    {
        var run = Run.None;
        foreach (var e in Play(story).Log)
        {
            var before = run;
            run = Run.Evolve(run, e);
            var keys = RunStream.Definition.KeysChangedBy(run, e);
            Assert.Equal(Written(before, run, keys: null), Written(before, run, keys));
        }
    }

    static IEnumerable<string> Written(Run before, Run after, IReadOnlyCollection<string>? keys) =>
        StateDifference
            .Between(before, after, typeof(Run), keys)
            .Select(x => $"{x.Path}: {x.Before?.Json} -> {x.After?.Json}")
            .Order(StringComparer.Ordinal);

    [Property]
    public void Every_task_is_queued_only_when_its_rule_allows_it(Story story)
    {
        var (_, log) = Play(story);
        var run = Run.None;
        foreach (var e in log)
        {
            if (e is TaskQueued { Attempt: 1 } queued && run.Tasks[queued.Task].State is TaskState.None)
                Assert.Equal(Verdict.Ready, TaskReadiness.Judge(run, run.Plan[queued.Task]));
            if (e is TaskScheduled { Attempt: 1 } scheduled)
                Assert.Equal(Verdict.Ready, TaskReadiness.Judge(run, run.Plan[scheduled.Task]));
            run = Run.Evolve(run, e);
        }
    }

    // Plays a run to its end: reports arrive in any order, some of them twice or too late, healing clears some failures
    // and persons intervene, also after the end.
    static (Run Run, List<RunEvent> Log) Play(Story story)
    {
        var dice = new Random(story.Seed);
        var log = new List<RunEvent>(RunDecider.Decide(Run.None, Start(story.Dag)));
        if (story.Dag.MaxActiveRuns is not null)
            log.AddRange(RunDecider.Decide(log.Aggregate(Run.None, Run.Evolve), new BeginRun(T0)));
        var run = log.Aggregate(Run.None, Run.Evolve);
        for (var (step, clears, persons) = (0, dice.Next(4), dice.Next(6)); step < 1000; step++)
        {
            if (persons > 0 && (run.Outcome is not null || dice.Next(4) == 0))
            {
                persons--;
                Advance(Intervention(dice, run, $"key{persons}"));
                continue;
            }
            var failed = run.Tasks.Where(x => x.Value.State is TaskState.Failed or TaskState.UpForRetry).ToList();
            var clear = failed.Count > 0 && clears > 0 && (run.Outcome is not null || dice.Next(3) == 0);
            if (run.Outcome is not null && !clear)
                break;
            if (clear)
                clears--;
            var decide =
                clear ? Clear(failed[dice.Next(failed.Count)])
                : run.TimeoutAt is not null && dice.Next(50) == 0
                    ? x => RunDecider.Decide(x, new RunTimeoutDue(T0 + TimeSpan.FromHours(1)))
                : Next(
                    dice,
                    [
                        .. run.Tasks.Where(x =>
                            x.Value
                                is { State: TaskState.Scheduled or TaskState.Queued or TaskState.UpForRetry }
                                    or { WaitsForPast: true }
                        ),
                    ]
                );
            Advance(decide);
        }
        return (run, log);
        void Advance(Func<Run, IReadOnlyList<RunEvent>> decide)
        {
            var events = decide(run);
            run = events.Aggregate(run, Run.Evolve);
            log.AddRange(events);
            Assert.Empty(decide(run)); // the same again decides nothing
            foreach (var (task, instance) in run.Tasks.Where(x => !x.Value.IsUnderWay && x.Value.Attempt > 0))
                Assert.Empty(RunDecider.Decide(run, Succeeded(task, instance.Attempt))); // nor does what comes late
        }
    }

    static Func<Run, IReadOnlyList<RunEvent>> Intervention(Random dice, Run now, string key)
    {
        var by = new Actor("anna", null, T0);
        var tasks = now
            .Instances.Select(x => x.TaskId)
            .Union(now.Plan.Tasks.Select(x => x.TaskId))
            .Order(StringComparer.Ordinal)
            .ToList();
        var selection = new TaskSelection(dice.Next(4) == 0 ? null : [tasks[dice.Next(tasks.Count)]])
        {
            Upstream = dice.Next(3) == 0,
            Downstream = dice.Next(2) == 0,
            OnlyFailed = dice.Next(3) == 0,
        };
        TaskState[] marks = [TaskState.Success, TaskState.Failed, TaskState.Skipped];
        var (mark, task) = (marks[dice.Next(3)], tasks[dice.Next(tasks.Count)]);
        return dice.Next(8) switch
        {
            0 => run => InterventionDecider.Decide(run, new CancelRun(by)),
            1 => run => InterventionDecider.Decide(run, new CancelTasks(new([task]), by)),
            2 => run => InterventionDecider.Decide(run, new MarkRun(RunOutcome.Succeeded, by)),
            3 => run => InterventionDecider.Decide(run, new MarkRun(RunOutcome.Failed, by)),
            4 or 5 => run => InterventionDecider.Decide(run, new MarkTasks(selection, mark, by)),
            _ => run => InterventionDecider.Decide(run, new ClearTasks(selection, key, by)),
        };
    }

    static Func<Run, IReadOnlyList<RunEvent>> Clear(KeyValuePair<string, TaskInstance> task) =>
        run => RunDecider.Decide(run, new ClearTask(task.Key, task.Value.Attempt, 128, "case", T0));

    static Func<Run, IReadOnlyList<RunEvent>> Next(Random dice, IReadOnlyList<KeyValuePair<string, TaskInstance>> open)
    {
        var (task, instance) = open[dice.Next(open.Count)];
        return instance.WaitsForPast ? run => RunDecider.Decide(run, new PastDone([task], T0))
            : instance.State is TaskState.Scheduled
                ? run => RunDecider.Decide(run, new StartScheduled(task, instance.Requests, T0))
            : instance.State is TaskState.UpForRetry
                ? run => RunDecider.Decide(run, new RetryDue(task, instance.Attempt + 1, T0))
            : dice.Next(3) == 0 ? run => RunDecider.Decide(run, Failed(task, instance.Attempt) with { ExitCode = 1 })
            : dice.Next(4) == 0 ? run => RunDecider.Decide(run, Faulted(task, instance.Attempt))
            // sometimes a task that does not exist: there are 12 at most
            : Success(task, instance.Attempt, Output(dice));
    }

    // Something to branch by, and to map over.
    static string Output(Random dice) =>
        dice.Next(6) switch
        {
            0 => "",
            1 => $"t{dice.Next(14)}",
            2 => "{\"a\": 1}",
            _ => $"[{string.Join(", ", Enumerable.Range(0, dice.Next(5)).Select(x => $"\"t{x}\""))}]",
        };

    static Func<Run, IReadOnlyList<RunEvent>> Success(string task, int attempt, string output) =>
        run =>
            RunDecider.Decide(
                run,
                Succeeded(task, attempt) with
                {
                    Outputs = new Dictionary<string, string> { ["next"] = output },
                }
            );
}
