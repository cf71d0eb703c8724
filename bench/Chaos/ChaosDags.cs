using System.Globalization;
using System.Text;

namespace Nightshift.Bench.Chaos;

/// <summary>A DAG of the load.</summary>
/// <param name="Dag">Its id.</param>
/// <param name="Tasks">Its tasks.</param>
/// <param name="TaskTime">How long the command of each task takes by itself.</param>
sealed record ChaosDag(string Dag, IReadOnlyList<string> Tasks, TimeSpan TaskTime);

/// <summary>
/// The DAGs that run while parts are killed. No task may be tried again at its own expense: a fault of the
/// infrastructure must cost none of its retries.
/// </summary>
static class ChaosDags
{
    /// <summary>The pool of <see cref="Pooled"/>, and its slots.</summary>
    public const string Pool = "chaos";

    /// <summary>Fewer than its tasks, so that some wait.</summary>
    public const int PoolSlots = 2;

    /// <summary>The repository whose pushes start <see cref="Push"/>.</summary>
    public const string Repository = "acme/chaos";

    /// <summary>Nothing but decisions, messages and commits.</summary>
    public static readonly ChaosDag Chain = new("chaos-chain", Names(20), TimeSpan.Zero);

    /// <summary>Containers, the second of which needs what the first handed on.</summary>
    public static readonly ChaosDag Containers = new("chaos-containers", ["first", "second"], TimeSpan.FromSeconds(2));

    /// <summary>Tasks side by side that share the slots of <see cref="Pool"/>.</summary>
    public static readonly ChaosDag Pooled = new("chaos-pooled", Names(6), TimeSpan.Zero);

    /// <summary>Started by signed deliveries.</summary>
    public static readonly ChaosDag Push = new("chaos-push", Names(3), TimeSpan.Zero);

    public static async Task Write(string folder, CancellationToken cancellationToken)
    {
        await Save(Chain, NoopChain(Chain));
        await Save(Push, $"on: {{ push: {{ repositories: [{Repository}], branches: [main] }} }}\n{NoopChain(Push)}");
        await Save(Containers, ContainerTasks);
        await Save(
            Pooled,
            "tasks:\n" + string.Concat(Pooled.Tasks.Select(x => $"  {x}: {{ noop: true, pool: {Pool} }}\n"))
        );

        Task Save(ChaosDag dag, string rest) =>
            File.WriteAllTextAsync(
                Path.Combine(folder, $"{dag.Dag}.yaml"),
                $"dag: {dag.Dag}\n{rest}",
                cancellationToken
            );
    }

    const string ContainerTasks = """
        defaults: { retries: 0, timeout: 5m }
        tasks:
          first:
            run: |
              sleep 2
              echo "::output number=42"
          second:
            needs: [first]
            run: |
              sleep 2
              test "$NUMBER" = 42
            env: { NUMBER: "{{ tasks.first.output.number }}" }

        """;

    static string NoopChain(ChaosDag dag)
    {
        var yaml = new StringBuilder("tasks:\n");
        for (var i = 0; i < dag.Tasks.Count; i++)
            yaml.Append(
                CultureInfo.InvariantCulture,
                $"  {dag.Tasks[i]}: {{ noop: true{(i > 0 ? $", needs: [{dag.Tasks[i - 1]}]" : "")} }}\n"
            );
        return yaml.ToString();
    }

    static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(x => $"t{x}")];
}
