using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Cli.Infrastructure;
using Npgsql;

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

    // What is there only as long as a run is open.
    static readonly (string What, string Count)[] Rows =
    [
        ("attempts that are not over", "select count(*) from executor.open_attempt"),
        ("sealed secrets", "select count(*) from executor.sealed_secrets"),
        ("requests for slots", "select count(*) from scheduler.slot_request"),
        ("runs that wait", "select count(*) from scheduler.waiting_run"),
        ("timers of runs", "select count(*) from scheduler.timer where stream_id like 'run-%'"),
    ];

    /// <summary>Rows of runs in the database although none is open any more.</summary>
    public static async Task<IReadOnlyList<Violation>> InDatabase(
        string postgres,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var since = clock.GetTimestamp();
        await using var database = NpgsqlDataSource.Create(postgres);
        while (true)
        {
            var left = new List<Violation>();
            foreach (var (what, sql) in Rows)
            {
                await using var count = database.CreateCommand(sql);
                if (await count.ExecuteScalarAsync(cancellationToken) is not 0L and var rows)
                    left.Add(new(Observation.Undisturbed, Promise.NothingLeft, $"{rows} {what}"));
            }
            if (left is [] || clock.GetElapsedTime(since) > Settling)
                return left;
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        }
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
