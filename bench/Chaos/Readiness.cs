using System.Text.Json;

namespace Nightshift.Bench.Chaos;

/// <summary>Waits for the system to take the load, and for it to be well in the end.</summary>
static class Readiness
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>A state that is gone after this is no fault: a sign of life may be a minute old.</summary>
    static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Returns when the DAGs are live and the webhooks service knows what a push starts, which it is told by message.
    /// </summary>
    public static async Task Await(GatewayClient gateway, Load load, CancellationToken cancellationToken)
    {
        foreach (var dag in (ChaosDag[])[ChaosDags.Chain, ChaosDags.Containers, ChaosDags.Push])
            while (await gateway.Get($"api/v2/dags/{dag.Dag}", cancellationToken) is null)
                await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
        Guid guid;
        while (!await StartsARun(guid = Guid.NewGuid(), gateway, cancellationToken))
            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
        await load.Deliver(guid, cancellationToken); // delivered again, as GitHub may: now it is part of the load
        await load.Burst(ChaosDags.Chain, 1, cancellationToken);
    }

    // Before the webhooks service knows the DAG, a push rightly starts nothing.
    static async Task<bool> StartsARun(Guid guid, GatewayClient gateway, CancellationToken cancellationToken)
    {
        await gateway.Deliver(guid, cancellationToken);
        while (true)
        {
            var delivery = (await gateway.Get($"api/v2/deliveries/{guid:D}", cancellationToken))?.GetRawText() ?? "";
            if (delivery.Contains($"push__{ChaosDags.Push.Dag}__{guid:D}", StringComparison.Ordinal))
                return true;
            if (delivery.Contains("\"ignored\"", StringComparison.OrdinalIgnoreCase))
                return false;
            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>What the status still complains of after a while without load.</summary>
    public static async Task<IReadOnlyList<Violation>> BadStatus(
        GatewayClient gateway,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var since = clock.GetTimestamp();
        JsonElement? status;
        do
        {
            status = await gateway.Get("status", cancellationToken);
            if (status?.GetProperty("ok").GetBoolean() == true)
                return [];
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        } while (clock.GetElapsedTime(since) < Settling);
        return [new(Observation.Undisturbed, Promise.StatusIsGood, status?.GetRawText() ?? "no answer")];
    }
}
