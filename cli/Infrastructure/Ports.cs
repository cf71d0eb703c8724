using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Nightshift.Cli.Infrastructure;

/// <param name="Chosen">The port of each name.</param>
/// <param name="Moved">Sentences about ports that are not the usual or the former ones.</param>
public sealed record PortPlan(IReadOnlyDictionary<string, int> Chosen, IReadOnlyList<string> Moved);

/// <summary>
/// Which loopback port each part listens on: the one of the last start, else the usual one, else the next free one.
/// </summary>
public static class Ports
{
    public static readonly IReadOnlyList<(string Name, int Usual)> All =
    [
        ("postgres", 5432),
        ("rabbitmq", 5672),
        ("rabbitmq-epmd", 4369),
        ("rabbitmq-distribution", 25672),
        ("gateway", 8787),
        ("scheduler", 8801),
        ("executor", 8802),
        ("webhooks", 8803),
        ("healer", 8804),
        ("escalation", 8805),
    ];

    /// <param name="remembered">The ports of the last start.</param>
    /// <param name="isFree">Asked with name and port; true also for a port that this very part already listens
    /// on.</param>
    /// <param name="further">Parts besides <see cref="All"/>, with their usual ports; null for none.</param>
    public static PortPlan Choose(
        IReadOnlyDictionary<string, int> remembered,
        Func<string, int, bool> isFree,
        IReadOnlyList<(string Name, int Usual)>? further = null
    )
    {
        var chosen = new Dictionary<string, int>();
        var moved = new List<string>();
        foreach (var (name, usual) in All.Concat(further ?? []))
        {
            var wanted = remembered.GetValueOrDefault(name, usual);
            // The others' remembered ports are theirs even while they are down.
            var port = Enumerable
                .Range(wanted, 65536 - wanted)
                .Concat(Enumerable.Range(1024, wanted - 1024))
                .First(p =>
                    !chosen.ContainsValue(p) && !remembered.Any(r => r.Value == p && r.Key != name) && isFree(name, p)
                );
            if (port != wanted)
                moved.Add($"Port {wanted} for {name} is taken; using {port}.");
            chosen[name] = port;
        }
        return new PortPlan(chosen, moved);
    }

    /// <summary>Chooses and remembers.</summary>
    /// <param name="home">Where it is remembered.</param>
    /// <param name="further">As for <see cref="Choose"/>.</param>
    public static PortPlan Settle(Home home, IReadOnlyList<(string Name, int Usual)>? further = null)
    {
        var plan = Choose(
            Load(home.Ports),
            (name, port) => PartProcess.Running(home, Part(name)) is not null || IsFree(port),
            further
        );
        PrivateFile.Write(home.Ports, JsonSerializer.Serialize(plan.Chosen, Indented));
        return plan;
    }

    public static IReadOnlyDictionary<string, int> Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(path)) ?? [];
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return new Dictionary<string, int>(); // the first start, or a file edited by hand beyond repair
        }
    }

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    static string Part(string port) =>
        port switch
        {
            "rabbitmq-distribution" => "rabbitmq",
            "rabbitmq-epmd" => "epmd",
            _ => port,
        };

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
