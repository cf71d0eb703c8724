using FsCheck;
using FsCheck.Fluent;
using Nightshift.Escalation.Incidents;
using Nightshift.Escalation.Tiers;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Escalation.Tests.Incidents;

/// <summary>What holds whatever arrives, in any order and however often.</summary>
public sealed class IncidentProperties
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    static readonly IReadOnlyList<Tier> Three =
    [
        new(TimeSpan.Zero, ["log"]),
        new(TimeSpan.FromMinutes(5), ["command"]),
        new(TimeSpan.FromMinutes(15), ["command", "status"]),
    ];

    /// <summary>Something arrives.</summary>
    /// <param name="Kind">Which message, timer or request.</param>
    /// <param name="Number">Cause, tier or person.</param>
    /// <param name="Epoch">For timers and outcomes.</param>
    /// <param name="Minute">When it happened, minutes after the start.</param>
    public sealed record Arrival(int Kind, int Number, int Epoch, int Minute)
    {
        public IReadOnlyList<IncidentEvent> Decide(Incident x)
        {
            var at = T0.AddMinutes(Minute);
            try
            {
                return Kind switch
                {
                    0 => IncidentDecider.Decide(
                        x,
                        new Raise("t", $"c{Number * 10 + Epoch}", "s", "w", "t", at, Three, at)
                    ),
                    1 => IncidentDecider.Decide(x, new SeeRecovery("t", "s", at, at)),
                    2 => IncidentDecider.Decide(x, new Acknowledge($"p{Number % 2}", null, at)),
                    3 => IncidentDecider.Decide(x, new Resolve("p", null, at)),
                    4 or 5 or 6 => IncidentDecider.Decide(x, new EnterTier(Epoch, Number, at, at)),
                    _ => IncidentDecider.Decide(
                        x,
                        new RecordNotification(
                            Epoch,
                            Number,
                            Kind % 2 == 0 ? "command" : "status",
                            Minute % 3 == 0 ? null : "no",
                            at
                        )
                    ),
                };
            }
            catch (RejectedException)
            {
                return [];
            } // told to whoever asked; nothing is written
        }
    }

    static readonly Arbitrary<Arrival[]> Arrivals = (
        from kind in Gen.Choose(0, 9)
        from number in Gen.Choose(1, 4)
        from epoch in Gen.Choose(1, 4)
        from minute in Gen.Choose(0, 500)
        select new Arrival(kind, number, epoch, minute)
    )
        .ArrayOf()
        .Resize(150)
        .ToArbitrary();

    static void ForAll(Func<Arrival[], bool> holds) =>
        Prop.ForAll(Arrivals, holds).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    static List<IncidentEvent> Play(IEnumerable<Arrival> arrivals)
    {
        var (state, log) = (Incident.None, new List<IncidentEvent>());
        foreach (var arrival in arrivals)
        {
            var events = arrival.Decide(state);
            log.AddRange(events);
            state = events.Aggregate(state, Incident.Evolve);
        }
        return log;
    }

    [Fact]
    public void Each_tier_of_each_epoch_begins_at_most_once_and_in_order() =>
        ForAll(arrivals =>
            Play(arrivals)
                .OfType<TierEntered>()
                .GroupBy(x => x.Epoch)
                .All(x => x.Select(y => y.Tier).SequenceEqual(Enumerable.Range(1, x.Count())))
        );

    [Fact]
    public void After_an_acknowledgement_no_tier_of_that_epoch_begins() =>
        ForAll(arrivals =>
        {
            var log = Play(arrivals);
            return log.OfType<Acknowledged>()
                .All(ack => !log.SkipWhile(x => x != ack).OfType<TierEntered>().Any(x => x.Epoch == ack.Epoch));
        });

    [Fact]
    public void After_it_was_resolved_nothing_but_outcomes_and_recoveries_belongs_to_that_epoch() =>
        ForAll(arrivals =>
        {
            var log = Play(arrivals);
            return log.OfType<Resolved>()
                .All(end =>
                    log.SkipWhile(x => x != end)
                        .Skip(1)
                        .All(x => x.Epoch > end.Epoch || x is NotificationSent or NotificationFailed or RecoverySeen)
                );
        });

    [Fact]
    public void A_repeated_message_decides_nothing() =>
        ForAll(arrivals =>
        {
            var state = Incident.None;
            foreach (var arrival in arrivals)
            {
                state = arrival.Decide(state).Aggregate(state, Incident.Evolve);
                if (arrival.Decide(state).Count > 0)
                    return false;
            }
            return true;
        });

    [Fact]
    public void A_failure_is_counted_once() =>
        ForAll(arrivals =>
        {
            var causes = Play(arrivals)
                .Select(x =>
                    x switch
                    {
                        IncidentRaised r => r.CauseId,
                        DuplicateSeen d => d.CauseId,
                        _ => null,
                    }
                )
                .OfType<string>()
                .ToList();
            return causes.Distinct().Count() == causes.Count;
        });

    [Fact]
    public void Epochs_count_up_by_one() =>
        ForAll(arrivals =>
        {
            var epochs = Play(arrivals).OfType<IncidentRaised>().Select(x => x.Epoch).ToList();
            return epochs.SequenceEqual(Enumerable.Range(1, epochs.Count));
        });
}
