using System.CommandLine;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.History;

/// <summary>What the command line asked for.</summary>
/// <param name="Tasks">Task instances of the month.</param>
/// <param name="Rounds">How often each system is measured.</param>
/// <param name="Reuse">Measures the systems as they are left by an earlier call, which filled them.</param>
sealed record HistoryOptions(int Tasks, int Rounds, bool Reuse);

/// <summary><c>bench/history</c>: compares a system with a month of history with one on its first day.</summary>
static class HistoryCommand
{
    /// <returns>0 when the month costs no more than it may, 1 when it does, 2 for a wrong command line.</returns>
    public static async Task<int> Run(string checkout, IReadOnlyList<string> arguments)
    {
        var parsed = Create(checkout).Parse(arguments);
        var exitCode = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? 2 : exitCode;
    }

    static RootCommand Create(string checkout)
    {
        var tasks = BoundedOption.Create(
            "--tasks",
            "Task instances of the month",
            1_000_000,
            least: 100_000,
            most: 10_000_000
        );
        var rounds = BoundedOption.Create("--rounds", "Times each system is measured", 3, least: 1, most: 20);
        var reuse = new Option<bool>("--reuse")
        {
            Description = "Measures what an earlier call with the same --tasks has filled, as after adding an index.",
        };
        var command = new RootCommand("Compare a system with a month of history with one on its first day.")
        {
            tasks,
            rounds,
            reuse,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                Guarded(
                    new HistoryRun(
                        checkout,
                        new(parsed.GetValue(tasks), parsed.GetValue(rounds), parsed.GetValue(reuse))
                    ),
                    cancellationToken
                )
        );
        return command;
    }

    static Task<int> Guarded(HistoryRun run, CancellationToken cancellationToken) =>
        Machine.IsRoot
            ? run.Run(cancellationToken)
            : throw new ProblemException("bench/history runs an engine of its own, which only root can start.");
}
