using System.Globalization;
using System.Text;

namespace Nightshift.Bench.History;

/// <summary>The DAGs of the history, beside those that are measured.</summary>
static class HistoryDags
{
    /// <summary>The DAG whose runs are copied.</summary>
    public const string Sample = "history-sample";

    /// <summary>The DAG whose runs are triggered as fast as they are accepted.</summary>
    public const string Single = "history-single";

    /// <summary>The repository whose pushes start <see cref="Sample"/>.</summary>
    public const string Repository = "acme/history";

    const string SampleTasks = $$$"""
        dag: {{{Sample}}}
        on: { push: { repositories: [{{{Repository}}}], branches: [main] } }
        params: { exit: "0" }
        defaults: { retries: 1, retry_delay: 1s }
        tasks:
          t0: { noop: true }
          t1: { noop: true, needs: [t0] }
          t2: { noop: true, needs: [t1] }
          t3: { noop: true, needs: [t2] }
          t4: { noop: true, needs: [t3] }
          t5: { noop: true, needs: [t4] }
          t6: { noop: true, needs: [t5] }
          t7:
            needs: [t6]
            run: |
              for i in $(seq 40); do echo "Line $i of the report"; done
              echo "::output number=42"
              echo "::output text=$(head -c 6000 /dev/zero | tr '\0' x)"
          t8:
            needs: [t7]
            run: test "$NUMBER" = 42 && exit "$CODE"
            env: { NUMBER: "{{ tasks.t7.output.number }}", CODE: "{{ params.exit }}" }
          t9: { noop: true, needs: [t8] }

        """;

    /// <summary>The name of a scheduled DAG.</summary>
    public static string Scheduled(int number) => string.Create(CultureInfo.InvariantCulture, $"history-{number:000}");

    public static async Task Write(string folder, CancellationToken cancellationToken)
    {
        await BenchDags.Write(folder);
        await Save(Sample, SampleTasks);
        await Save(Single, $"dag: {Single}\ntasks:\n  t0: {{ noop: true }}\n");
        for (var i = 0; i < HistorySize.Dags; i++)
            await Save(Scheduled(i), ScheduledChain(Scheduled(i)));

        Task Save(string dag, string text) =>
            File.WriteAllTextAsync(Path.Combine(folder, $"{dag}.yaml"), text, cancellationToken);
    }

    // A yearly schedule has no tick while the benchmark runs: the history is what is measured.
    static string ScheduledChain(string dag)
    {
        var yaml = new StringBuilder($"dag: {dag}\nschedule: \"0 0 1 1 *\"\ntasks:\n");
        for (var i = 0; i < HistorySize.TasksPerRun; i++)
            yaml.Append(
                CultureInfo.InvariantCulture,
                $"  t{i}: {{ noop: true{(i > 0 ? $", needs: [t{i - 1}]" : "")} }}\n"
            );
        return yaml.ToString();
    }
}
