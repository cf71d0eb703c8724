using System.CommandLine;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.Chaos;

/// <summary>What the command line asked for.</summary>
/// <param name="Seed">The same seed makes the same plan.</param>
/// <param name="Kills">Kills of each part.</param>
/// <param name="Parts">What is killed.</param>
/// <param name="TimeLimit">No kill is begun after this.</param>
/// <param name="Mixed">Kills the parts in random order, and not one part after the other.</param>
sealed record ChaosOptions(int Seed, int Kills, IReadOnlyList<string> Parts, TimeSpan TimeLimit, bool Mixed = false);

/// <summary><c>bench/chaos</c>: kills parts of a system of its own under load and checks what became of the load.</summary>
static class ChaosCommand
{
    /// <returns>0 when every promise was kept, 1 when not, 2 for a wrong command line.</returns>
    public static async Task<int> Run(string checkout, IReadOnlyList<string> arguments)
    {
        var parsed = Create(checkout).Parse(arguments);
        var exitCode = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? 2 : exitCode;
    }

    static RootCommand Create(string checkout)
    {
        var seed = new Option<int>("--seed")
        {
            Description = "Makes the plan: order, times and pauses of the kills.",
            DefaultValueFactory = _ => 1,
        };
        var kills = BoundedOption.Create("--kills", "Kills of each part", 5, least: 1, most: 100);
        var minutes = BoundedOption.Create(
            "--minutes",
            "No kill is begun after this many minutes",
            40,
            least: 1,
            most: 240
        );
        var parts = new Option<string?>("--parts")
        {
            Description = $"What to kill, separated by commas; all of {string.Join(", ", KillPlan.Parts)} by default.",
        };
        parts.Validators.Add(x =>
        {
            if (x.GetValue(parts)?.Split(',').Except(KillPlan.Parts).ToArray() is { Length: > 0 } unknown)
                x.AddError($"--parts: {string.Join(", ", unknown)} is none of {string.Join(", ", KillPlan.Parts)}.");
        });
        var mixed = new Option<bool>("--mixed")
        {
            Description = "Kills the parts in random order, and not one part after the other.",
        };
        var command = new RootCommand("Kill parts of the system under load, and check every stream afterwards.")
        {
            seed,
            kills,
            parts,
            mixed,
            minutes,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                Guarded(
                    new ChaosRun(
                        checkout,
                        Home.Find("chaos"),
                        new ChaosOptions(
                            parsed.GetValue(seed),
                            parsed.GetValue(kills),
                            parsed.GetValue(parts)?.Split(',').Distinct().ToArray() ?? KillPlan.Parts,
                            TimeSpan.FromMinutes(parsed.GetValue(minutes)),
                            parsed.GetValue(mixed)
                        )
                    ),
                    cancellationToken
                )
        );
        return command;
    }

    static async Task<int> Guarded(ChaosRun run, CancellationToken cancellationToken)
    {
        if (!Machine.IsRoot)
            throw new ProblemException("bench/chaos kills an engine of its own, which only root can start.");
        return await run.Run(cancellationToken);
    }
}
