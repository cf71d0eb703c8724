using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>What holds for every plan, whatever its tasks do and however their reports arrive.</summary>
[Properties(Arbitrary = [typeof(RunProperties)], MaxTest = 300)]
public sealed class RunProperties
{
    /// <summary>A plan and the dice its tasks throw.</summary>
    public sealed record Story(DagSpec Dag, int Seed);

    public static Arbitrary<Story> Stories() => (
        from size in Gen.Choose(1, 12)
        from needs in Gen.ArrayOf(Gen.ArrayOf(Gen.Choose(0, 11), 3), size)
        from rules in Gen.ArrayOf(Gen.Elements(Enum.GetValues<TriggerRule>()), size)
        from retries in Gen.ArrayOf(Gen.Choose(0, 2), size)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        let tasks = Enumerable.Range(0, size).Select(i => ExtractThenLoad.Tasks[0] with
        {
            TaskId = $"t{i}",
            Needs = [.. needs[i].Where(n => n < i).Distinct().Select(n => $"t{n}")],
            Rule = rules[i],
            Retries = retries[i],
        })
        select new Story(ExtractThenLoad with { Tasks = [.. tasks] }, seed)).ToArbitrary();

    [Property]
    public void Every_plan_reaches_an_end_and_no_attempt_exceeds_its_limit(Story story)
    {
        var (run, log) = Play(story);
        Assert.NotNull(run.Outcome);
        Assert.Equal(0, run.Open);
        Assert.Single(log.OfType<RunFinished>());
        foreach (var task in story.Dag.Tasks) Assert.InRange(run.Tasks[task.TaskId].Attempt, 0, task.Retries + 1);
    }

    [Property]
    public void Folding_the_log_gives_the_state(Story story)
    {
        var (run, log) = Play(story);
        var folded = log.Aggregate(Run.None, Run.Evolve);
        Assert.Equal(run.Tasks.OrderBy(x => x.Key).Select(x => x.Value), folded.Tasks.OrderBy(x => x.Key).Select(x => x.Value));
        Assert.Equal((run.Open, run.FailedLeaves, run.Outcome), (folded.Open, folded.FailedLeaves, folded.Outcome));
    }

    [Property]
    public void Every_task_is_queued_only_when_its_rule_allows_it(Story story)
    {
        var (_, log) = Play(story);
        var run = Run.None;
        foreach (var e in log)
        {
            if (e is TaskQueued { Attempt: 1 } queued)
                Assert.Equal(Verdict.Ready, TriggerRules.Judge(run.Plan[queued.Task].Rule, run.Tasks[queued.Task].Upstream));
            run = Run.Evolve(run, e);
        }
    }

    // Plays a run to its end: reports arrive in any order, some of them twice.
    static (Run Run, List<RunEvent> Log) Play(Story story)
    {
        var dice = new Random(story.Seed);
        var log = new List<RunEvent>(RunDecider.Decide(Run.None, Start(story.Dag)));
        var run = log.Aggregate(Run.None, Run.Evolve);
        for (var step = 0; run.Outcome is null && step < 1000; step++)
        {
            var open = run.Tasks.Where(x => x.Value.State is TaskState.Queued or TaskState.UpForRetry).ToList();
            var (task, instance) = open[dice.Next(open.Count)];
            Func<Run, IReadOnlyList<RunEvent>> decide = instance.State is TaskState.UpForRetry
                ? r => RunDecider.Decide(r, new RetryDue(task, instance.Attempt + 1, T0))
                : dice.Next(3) == 0 ? r => RunDecider.Decide(r, Failed(task, instance.Attempt)) : r => RunDecider.Decide(r, Succeeded(task, instance.Attempt));
            var events = decide(run);
            run = events.Aggregate(run, Run.Evolve);
            log.AddRange(events);
            Assert.Empty(decide(run)); // the same again decides nothing
        }
        return (run, log);
    }
}
