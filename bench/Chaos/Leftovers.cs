using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.Chaos;

/// <summary>What is there although nothing needs it any more.</summary>
static class Leftovers
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>The executor looks for abandoned containers each minute.</summary>
    static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>A process that was told to end may take a moment.</summary>
    static readonly TimeSpan Ending = TimeSpan.FromSeconds(10);

    /// <summary>Containers on the engine although no run is open any more.</summary>
    /// <param name="docker">The engine's address.</param>
    /// <param name="named">Only those whose name holds this: on an engine that others use too.</param>
    /// <param name="clock">Tells how long they may take to go.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IReadOnlyList<Violation>> OnEngine(
        string docker,
        string named,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var since = clock.GetTimestamp();
        using var engine = Engine.Connect(docker);
        string[] left;
        do
        {
            var containers = await engine.GetFromJsonAsync<JsonElement>("/containers/json?all=true", cancellationToken);
            left =
            [
                .. containers
                    .EnumerateArray()
                    .Select(x => x.GetProperty("Names")[0].GetString() ?? "")
                    .Where(x => x.Contains(named, StringComparison.Ordinal)),
            ];
            if (left is [])
                return [];
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        } while (clock.GetElapsedTime(since) < Settling);
        return [.. left.Select(x => new Violation("docker", Promise.NothingLeft, $"container {x}"))];
    }

    /// <summary>
    /// Processes of the home that outlived its end. What is left of the engine is killed: it holds mounts, and nobody
    /// else would.
    /// </summary>
    public static async Task<IReadOnlyList<Violation>> AfterDown(Home home, TimeProvider clock)
    {
        var since = clock.GetTimestamp();
        var processes = new PartProcesses(home);
        while (processes.Left() is not [] && clock.GetElapsedTime(since) < Ending)
            await Task.Delay(BetweenLooks, clock);
        var left = processes.Left();
        foreach (var x in left.Where(x => x.Program.StartsWith(Containerd.Part, StringComparison.Ordinal)))
            PartProcesses.Kill(x.Process);
        return [.. left.Select(x => new Violation("supervisor", Promise.NothingLeft, $"process {x.Command}"))];
    }
}
