using System.Globalization;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Watch;

/// <summary>Somebody asked the engine to end a container.</summary>
/// <param name="Signal">The number of the signal that was sent; null when only the finished stop was heard of.</param>
/// <param name="At">When (UTC, the engine's clock).</param>
public sealed record StopRequest(string? Signal, DateTimeOffset At)
{
    /// <summary>
    /// How long after a signal an end still counts as its answer. <c>docker stop</c> kills after 10 s unless it is
    /// given a longer time.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The engine stamps an end with the time of the process and its own events with the time they are written: an end
    /// by <c>SIGKILL</c> is stamped before the <c>kill</c> that caused it.
    /// </summary>
    static readonly TimeSpan StampDelay = TimeSpan.FromSeconds(2);

    // INT, QUIT, KILL, TERM. Others, such as HUP or USR1, ask a process to do something else.
    static readonly string[] Terminating = ["2", "3", "9", "15"];

    // Others that images name as their stop signal; those above count anyway.
    static readonly Dictionary<string, int> Numbers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["HUP"] = 1,
        ["ABRT"] = 6,
        ["USR1"] = 10,
        ["USR2"] = 12,
        ["WINCH"] = 28,
        ["PWR"] = 30,
    };

    /// <summary>The request that a container's end answers; null when it ended by itself, as far as is known.</summary>
    /// <param name="facts">The container after its end.</param>
    /// <param name="heard">The engine's events of this container.</param>
    public static StopRequest? Of(ContainerFacts facts, IEnumerable<EngineEvent> heard)
    {
        if (facts.StartedAt is not { } startedAt || facts.FinishedAt is not { } finishedAt || facts.OomKilled)
            return null;
        return heard
            .Where(x => x.At >= startedAt && Asks(x, facts, finishedAt))
            .Select(x => new StopRequest(x.Signal, x.At))
            .LastOrDefault();
    }

    static bool Asks(EngineEvent x, ContainerFacts facts, DateTimeOffset finishedAt) =>
        x.Action switch
        {
            "stop" => x.At >= finishedAt - StampDelay,
            "kill" => Ends(x.Signal, facts.StopSignal)
                && x.At <= finishedAt + StampDelay
                && x.At >= finishedAt - Patience,
            _ => false,
        };

    static bool Ends(string? signal, string? stopSignal) =>
        signal is null || Terminating.Contains(signal) || stopSignal is not null && signal == NumberOf(stopSignal);

    // Linux, glibc: real-time signals count up from 34 and down from 64.
    static string? NumberOf(string signal)
    {
        var name = signal.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? signal[3..] : signal;
        int? number = name.ToUpperInvariant() switch
        {
            ['R', 'T', 'M', 'I', 'N', '+', .. var up] when Parse(up) is { } x => 34 + x,
            ['R', 'T', 'M', 'A', 'X', '-', .. var down] when Parse(down) is { } x => 64 - x,
            var other => Parse(other) ?? (Numbers.TryGetValue(other, out var known) ? known : null),
        };
        return number?.ToString(CultureInfo.InvariantCulture);
    }

    static int? Parse(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 64
            ? number
            : null;
}
