using System.Numerics;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// The priorities of the tasks of a plan, by Airflow's weight rules: each task's own weight, and those of the tasks
/// behind it, before it, or of none. A task that is reached by several paths counts once.
/// </summary>
static class PriorityWeights
{
    /// <summary>The weight of a task that names none.</summary>
    public const int Default = 1;

    // Tasks that are looked for in one pass, one bit each: a pass over 10,000 tasks needs 640 kB, all take 3 ms.
    const int Block = 512;

    /// <summary>The priority of each task, within the range of <see cref="int"/> as in Airflow.</summary>
    /// <param name="tasks">In topological order.</param>
    /// <param name="position">Where each stands in it.</param>
    public static int[] Of(IReadOnlyList<TaskSpec> tasks, IReadOnlyDictionary<string, int> position)
    {
        var weights = tasks.Select(x => x.PriorityWeight ?? Default).ToArray();
        var sums = weights.Select(x => (long)x).ToArray();
        var before = tasks.Select(x => x.Needs.Select(y => position[y]).ToArray()).ToArray();
        var order = Enumerable.Range(0, tasks.Count).ToArray();
        if (tasks.Any(x => x.WeightRule is WeightRule.Downstream))
            Add(WeightRule.Downstream, Behind(before), [.. order.Reverse()]);
        if (tasks.Any(x => x.WeightRule is WeightRule.Upstream))
            Add(WeightRule.Upstream, before, order);
        return [.. sums.Select(x => (int)Math.Clamp(x, int.MinValue, int.MaxValue))];

        void Add(WeightRule rule, int[][] next, int[] inOrder)
        {
            var reached = Reached(next, inOrder, weights);
            foreach (var i in order)
                if (tasks[i].WeightRule == rule)
                    sums[i] += reached[i];
        }
    }

    static int[][] Behind(int[][] before)
    {
        var behind = before.Select(_ => new List<int>()).ToArray();
        for (var task = 0; task < before.Length; task++)
            foreach (var need in before[task])
                behind[need].Add(task);
        return [.. behind.Select(x => x.ToArray())];
    }

    // The sum of the weights of all that is reached from each task, where those reached come first in the order.
    static long[] Reached(int[][] next, int[] order, int[] weights)
    {
        const int words = Block / 64;
        var (sums, sets) = (new long[next.Length], new ulong[next.Length * words]);
        for (var first = 0; first < next.Length; first += Block)
        {
            Array.Clear(sets);
            foreach (var task in order)
            {
                var set = sets.AsSpan(task * words, words);
                foreach (var each in next[task])
                {
                    for (var i = 0; i < words; i++)
                        set[i] |= sets[each * words + i];
                    if (each >= first && each < first + Block)
                        set[(each - first) / 64] |= 1UL << (each - first);
                }
                sums[task] += Sum(set, weights.AsSpan(first));
            }
        }
        return sums;
    }

    static long Sum(ReadOnlySpan<ulong> set, ReadOnlySpan<int> weights)
    {
        var sum = 0L;
        for (var i = 0; i < set.Length; i++)
        for (var rest = set[i]; rest != 0; rest &= rest - 1)
            sum += weights[64 * i + BitOperations.TrailingZeroCount(rest)];
        return sum;
    }
}
