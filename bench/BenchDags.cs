using System.Text;

namespace Nightshift.Bench;

/// <summary>The DAGs the benchmarks run.</summary>
static class BenchDags
{
    /// <summary>Tasks in the long chain: one more than there are hops.</summary>
    public const int HopTasks = 501;

    /// <summary>Container tasks in a row.</summary>
    public const int Containers = 20;

    public static async Task Write(string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "warm-up.yaml"), Chain("bench-warm-up", 50, "noop: true"));
        await File.WriteAllTextAsync(Path.Combine(folder, "hops.yaml"), Chain("bench-hops", HopTasks, "noop: true"));
        await File.WriteAllTextAsync(Path.Combine(folder, "ten.yaml"), Chain("bench-ten", 10, "noop: true"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "containers.yaml"),
            Chain("bench-containers", Containers, "command: [\"true\"]")
        );
    }

    static string Chain(string dag, int tasks, string work)
    {
        var yaml = new StringBuilder($"dag: {dag}\ntasks:\n");
        for (var i = 0; i < tasks; i++)
            yaml.Append(null, $"  t{i}: {{ {work}{(i > 0 ? $", needs: [t{i - 1}]" : "")} }}\n");
        return yaml.ToString();
    }
}
