using System.Text;

namespace Nightshift.Bench;

/// <summary>The DAGs the benchmarks run.</summary>
static class BenchDags
{
    /// <summary>Tasks in the long chain: one more than there are hops.</summary>
    public const int HopTasks = 501;

    /// <summary>Container tasks in a row.</summary>
    public const int Containers = 20;

    /// <summary>Tasks side by side in the small fan-out, besides the first and the last.</summary>
    public const int SmallFan = 98;

    /// <summary>The same in the large one.</summary>
    public const int LargeFan = 9_998;

    /// <summary>Files that are written at once.</summary>
    public const int Files = 1_000;

    public static async Task Write(string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "warm-up.yaml"), Chain("bench-warm-up", 50, "noop: true"));
        await File.WriteAllTextAsync(Path.Combine(folder, "hops.yaml"), Chain("bench-hops", HopTasks, "noop: true"));
        await File.WriteAllTextAsync(Path.Combine(folder, "ten.yaml"), Chain("bench-ten", 10, "noop: true"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "containers.yaml"),
            Chain("bench-containers", Containers, "command: [\"true\"]")
        );
        await File.WriteAllTextAsync(Path.Combine(folder, "fan.yaml"), Fan("bench-fan", SmallFan));
        await File.WriteAllTextAsync(Path.Combine(folder, "one.yaml"), Chain("bench-one", 1, "noop: true"));
    }

    /// <summary>One task, many that need it, and one that needs all of them.</summary>
    public static string Fan(string dag, int width)
    {
        var yaml = new StringBuilder($"dag: {dag}\ntasks:\n  first: {{ noop: true }}\n");
        for (var i = 0; i < width; i++)
            yaml.Append(null, $"  t{i}: {{ noop: true, needs: [first] }}\n");
        yaml.Append(
            null,
            $"  last: {{ noop: true, needs: [{string.Join(", ", Enumerable.Range(0, width).Select(i => $"t{i}"))}] }}\n"
        );
        return yaml.ToString();
    }

    /// <summary>A small DAG with a schedule, as most files are.</summary>
    public static string Small(string dag) =>
        Chain(dag, 3, "noop: true").Replace("tasks:", "schedule: \"0 3 * * *\"\ntasks:", StringComparison.Ordinal);

    static string Chain(string dag, int tasks, string work)
    {
        var yaml = new StringBuilder($"dag: {dag}\ntasks:\n");
        for (var i = 0; i < tasks; i++)
            yaml.Append(null, $"  t{i}: {{ {work}{(i > 0 ? $", needs: [t{i - 1}]" : "")} }}\n");
        return yaml.ToString();
    }
}
