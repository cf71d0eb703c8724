using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace Nightshift.Bench.Peers;

/// <summary>
/// <c>bench/peers</c>: the throughput of the whole system beside that of graphile-worker, a job queue on PostgreSQL, in
/// the same minute, on the same database and for the same shapes.
/// </summary>
static class PeersRun
{
    const string Database = "nightshift_bench_peers";

    public static async Task<int> Run(string checkout, string home)
    {
        if (await Shell("npm", home, "--version") is null)
        {
            await Console.Error.WriteLineAsync(
                "bench/peers needs node and npm: install the packages 'nodejs' and 'npm'."
            );
            return 2;
        }
        var dags = Directory.CreateTempSubdirectory("nightshift-bench-").FullName;
        await BenchDags.Write(dags);
        var system = new SystemUnderTest(checkout, home, dags);
        try
        {
            await system.Up();
            using var client = new BenchClient(await system.Credentials());
            await client.Run("bench-warm-up");
            await Measurements.TasksPerSecond(client, "bench-ten", runs: 100, tasksPerRun: 10);
            var chains = await Median(() => Measurements.TasksPerSecond(client, "bench-ten", 100, 10));
            var fans = await Median(() => Measurements.TasksPerSecond(client, "bench-fan", 10, BenchDags.SmallFan + 2));
            var peer = await GraphileWorker(checkout, home);
            BenchRow.Print([
                Row("1,000 noop tasks in 100 chains of 10, median of 5", chains, peer.GetProperty("chains")),
                Row("1,000 noop tasks in 10 fan-outs of 100, median of 5", fans, peer.GetProperty("fans")),
            ]);
            return 0;
        }
        finally
        {
            await system.Down();
            Directory.Delete(dags, recursive: true);
        }
    }

    static BenchRow Row(string what, double ours, JsonElement theirs) =>
        new(
            what,
            $"{ours:0} against {theirs.GetDouble():0} jobs/s ({ours / theirs.GetDouble():0.0} ×)",
            "≥ 2 × theirs"
        );

    static async Task<double> Median(Func<Task<double>> measure) =>
        Measurements.Percentile(await BenchRun.Rounds(measure), 50);

    static async Task<JsonElement> GraphileWorker(string checkout, string home)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, "peers")).FullName;
        foreach (var file in (string[])["package.json", "graphile-worker.mjs"])
            File.Copy(Path.Combine(checkout, "bench", "Peers", file), Path.Combine(folder, file), overwrite: true);
        if (await Shell("npm", folder, "install", "--no-audit", "--no-fund") is null)
            throw new InvalidOperationException("npm install failed; it needs its registry");
        var postgres = new NpgsqlConnectionStringBuilder(ServiceProcesses.AddressesOf(home).Postgres);
        await using var server = NpgsqlDataSource.Create(postgres.ConnectionString);
        await Do($"drop database if exists {Database}");
        await Do($"create database {Database}");
        var connection =
            $"postgres://{postgres.Username}:{Uri.EscapeDataString(postgres.Password ?? "")}@"
            + $"{postgres.Host}:{postgres.Port}/{Database}";
        var output = await Shell("node", folder, "graphile-worker.mjs", connection);
        await Do($"drop database {Database}");
        return output is null
            ? throw new InvalidOperationException("graphile-worker could not be measured")
            : JsonSerializer.Deserialize<JsonElement>(output);

        async Task Do(string sql)
        {
            await using var command = server.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <returns>What it printed; null when it is missing or failed, which it has said itself.</returns>
    static async Task<string?> Shell(string program, string folder, params string[] arguments)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var start = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                WorkingDirectory = folder,
            };
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception) // there is no such program
        {
            return null;
        }
    }
}
