using FsCheck.Xunit;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Which task goes first, by Airflow's three weight rules.</summary>
public sealed class PriorityWeightTables
{
    //        ┌── b ──┐
    //   a ───┤       ├── d
    //        └── c ──┘       d counts once for a
    [Theory]
    [InlineData("downstream", "a 1111 b 1010 c 1100 d 1000")]
    [InlineData("upstream", "a 1 b 11 c 101 d 1111")]
    [InlineData("absolute", "a 1 b 10 c 100 d 1000")]
    public void A_diamond(string rule, string expected) =>
        Assert.Equal(
            expected,
            Priorities(
                $$"""
                dag: etl
                defaults: { weight_rule: {{rule}} }
                tasks:
                  a: { noop: true, priority_weight: 1 }
                  b: { noop: true, priority_weight: 10, needs: [a] }
                  c: { noop: true, priority_weight: 100, needs: [a] }
                  d: { noop: true, priority_weight: 1000, needs: [b, c] }
                """
            )
        );

    [Fact]
    public void By_default_a_task_goes_before_all_that_wait_for_it() =>
        Assert.Equal(
            "a 3 b 2 c 1",
            Priorities(
                """
                dag: etl
                tasks:
                  a: { noop: true }
                  b: { noop: true, needs: [a] }
                  c: { noop: true, needs: [b] }
                """
            )
        );

    [Fact]
    public void A_sum_stays_within_32_bits()
    {
        var heavy = ExtractThenLoad.Tasks[0] with { PriorityWeight = 1_000_000, Needs = [] };
        var tasks = Enumerable
            .Range(0, 3000)
            .Select(i => heavy with { TaskId = $"t{i}", Needs = i == 0 ? [] : [$"t{i - 1}"] })
            .ToList();
        Assert.Equal(int.MaxValue, new Plan(tasks).PriorityOf("t0"));
    }

    [Property(MaxTest = 50)]
    public void Any_plan_counts_each_task_once(int seed)
    {
        var dice = new Random(seed);
        var size = dice.Next(1, 1300); // more than one block
        var tasks = Enumerable
            .Range(0, size)
            .Select(i =>
                ExtractThenLoad.Tasks[0] with
                {
                    TaskId = $"t{i}",
                    PriorityWeight = dice.Next(-5, 50),
                    WeightRule = (WeightRule)dice.Next(3),
                    Needs =
                    [
                        .. Enumerable.Range(0, i == 0 ? 0 : dice.Next(3)).Select(_ => $"t{dice.Next(i)}").Distinct(),
                    ],
                }
            )
            .ToList();
        var plan = new Plan(tasks);
        for (var turn = 0; turn < 20; turn++)
        {
            var task = tasks[dice.Next(size)];
            var counted = task.WeightRule switch
            {
                WeightRule.Downstream => Reached(task, x => plan.After(x.TaskId)),
                WeightRule.Upstream => Reached(task, x => x.Needs.Select(y => plan[y])),
                _ => [task],
            };
            Assert.Equal(counted.Sum(x => x.PriorityWeight!.Value), plan.PriorityOf(task.TaskId));
        }
    }

    static HashSet<TaskSpec> Reached(TaskSpec from, Func<TaskSpec, IEnumerable<TaskSpec>> next)
    {
        var (found, open) = (
            new HashSet<TaskSpec>(ReferenceEqualityComparer.Instance) { from },
            new Stack<TaskSpec>([from])
        );
        while (open.TryPop(out var task))
            foreach (var each in next(task))
                if (found.Add(each))
                    open.Push(each);
        return found;
    }

    static string Priorities(string dag)
    {
        var plan = new Plan(Dag(dag).Tasks);
        return string.Join(
            ' ',
            plan.Tasks.OrderBy(x => x.TaskId).Select(x => $"{x.TaskId} {plan.PriorityOf(x.TaskId)}")
        );
    }
}
