using Npgsql;

namespace Nightshift.Bench.Chaos;

/// <summary>Waits for the end of what is under way.</summary>
static class Drain
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Without any event for so long nothing will come any more: three times the period after which a run that is
    /// silent is looked at.
    /// </summary>
    static readonly TimeSpan Silence = TimeSpan.FromMinutes(3);

    /// <summary>Returns when every run has ended, or nothing has gone on for a while.</summary>
    public static async Task Await(
        EventReader reader,
        Load load,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var (events, since) = (-1L, clock.GetTimestamp());
        while (clock.GetElapsedTime(since) < Silence)
        {
            if (await Count(reader, cancellationToken) is { } now && now != events)
                (events, since) = (now, clock.GetTimestamp());
            else if (await HasEnded(reader, load, cancellationToken))
                return;
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        }
    }

    static async Task<bool> HasEnded(EventReader reader, Load load, CancellationToken cancellationToken)
    {
        try
        {
            var ended = RunTimeline
                .Of(await reader.Read(cancellationToken))
                .Where(x => x.Outcome is not null)
                .Select(x => x.RunId)
                .ToHashSet();
            return load.Runs.All(x => ended.Contains(x.RunId));
        }
        catch (NpgsqlException)
        {
            return false; // the database was killed last and is not back yet
        }
    }

    static async Task<long?> Count(EventReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.Count(cancellationToken);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }
}
