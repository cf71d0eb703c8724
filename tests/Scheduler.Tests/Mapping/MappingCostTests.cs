using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Mapping;

/// <summary>What mapped tasks cost, in bytes that deciding and folding allocate: the same on every machine.</summary>
public sealed class MappingCostTests
{
    const int Small = 500;

    static string Mapped(int size) =>
        $"dag: d\ntasks:\n  a: {{ noop: true, for_each: [{string.Join(", ", Enumerable.Range(0, size))}] }}\n"
        + "  join: { needs: [a], noop: true }\n";

    static string FanOut(int size) =>
        $"dag: d\ntasks:\n{string.Concat(Enumerable.Range(0, size).Select(x => $"  a{x}: {{ noop: true }}\n"))}"
        + $"  join: {{ needs: [{string.Join(", ", Enumerable.Range(0, size).Select(x => $"a{x}"))}], noop: true }}\n";

    // From the start to the end of a run, each report by itself.
    static long Allocated(DagSpec dag)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var run = RunDecider.Decide(Run.None, Start(dag)).Aggregate(Run.None, Run.Evolve);
        for (var names = Queued(run); names.Count > 0; names = Queued(run))
            foreach (var name in names)
                run = RunDecider.Decide(run, Succeeded(name)).Aggregate(run, Run.Evolve);
        Assert.Equal(RunOutcome.Succeeded, run.Outcome);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    static List<string> Queued(Run run) =>
        [.. run.Instances.Select(x => x.TaskId).Where(x => run.Tasks[x].State is TaskState.Queued)];

    [Fact]
    public void A_thousand_instances_cost_what_a_thousand_tasks_cost_and_each_of_them_the_same()
    {
        var (mapped, fanOut) = (Dag(Mapped(2 * Small)), Dag(FanOut(2 * Small)));
        Allocated(mapped); // what is made once
        Assert.InRange(Allocated(mapped) / (double)Allocated(fanOut), 0, 1.5);
        Assert.InRange(Allocated(mapped) / (double)Allocated(Dag(Mapped(Small))), 1.5, 2.6);
    }
}
