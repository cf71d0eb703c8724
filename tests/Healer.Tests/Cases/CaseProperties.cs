using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Nightshift.Healer.Cases;
using Nightshift.Healer.Containers;
using Nightshift.Healer.Dags;
using Nightshift.Healer.Policy;
using Nightshift.Healer.Tasks;
using static Nightshift.Healer.Tests.Cases.CaseTables;

namespace Nightshift.Healer.Tests.Cases;

/// <summary>What holds whatever arrives, in any order, however often, by whatever clock.</summary>
public sealed class CaseProperties
{
    /// <summary>Something arrives.</summary>
    /// <param name="Kind">Which message or timer.</param>
    /// <param name="Number">Attempt, incarnation or action.</param>
    /// <param name="Run">For tasks: which run.</param>
    /// <param name="HappenedAt">Seconds after the start.</param>
    /// <param name="Now">The healer's clock, seconds after the start; it may go backwards.</param>
    public sealed record Arrival(int Kind, int Number, int Run, int HappenedAt, int Now)
    {
        public IReadOnlyList<CaseEvent> Decide(Case x, HealingPolicy policy)
        {
            var decision = new DecisionContext(policy, 0, At(Now));
            return Kind switch
            {
                0 => ContainerDecider.Decide(
                    x,
                    new SeeContainerFail(
                        "e",
                        "web",
                        Number,
                        Run % 2 == 0 ? "exited" : "unhealthy",
                        Run % 2 == 0 ? 1 : null,
                        At(HappenedAt)
                    ),
                    decision
                ),
                1 => ContainerDecider.Decide(
                    x,
                    new SeeContainerWell("web", Number, HasHealthCheck: Run % 2 == 0, At(HappenedAt)),
                    decision
                ),
                2 => ContainerDecider.Decide(x, new SeeRestartFail("web", Number, "no", At(HappenedAt)), decision),
                3 => ContainerDecider.Decide(x, new ActNow("web", Number), decision),
                4 => ContainerDecider.Decide(x, new CheckVerified("web", Number), decision),
                5 => ContainerDecider.Decide(x, new CheckStable("web", Number), decision),
                6 => ContainerDecider.Decide(x, new SeeContainerRemoved("web", Number), decision),
                7 => TaskDecider.Decide(
                    x,
                    new SeeTaskFail(
                        "d",
                        $"r{Run}",
                        "t",
                        Number,
                        "oom",
                        "",
                        64 << Number,
                        Final: Number > 2,
                        At(HappenedAt)
                    ),
                    decision
                ),
                8 => TaskDecider.Decide(
                    x,
                    new SeeTaskFail("d", $"r{Run}", "t", Number, "exit", "", 64, Final: true, At(HappenedAt)),
                    decision
                ),
                9 => TaskDecider.Decide(x, new CheckRaised("task.d.t", Number), decision),
                10 => TaskDecider.Decide(x, new SettleTask("task.d.t", $"r{Run}", At(HappenedAt)), decision),
                12 => ContainerDecider.Decide(x, new SeeContainerStopped("web", Number), decision),
                13 => DagDecider.Decide(
                    x,
                    new SeeRunFail("d", $"r{Run}", Number, At(Run), At(Run), [Failure(Now)], 1, At(HappenedAt)),
                    decision
                ),
                14 => DagDecider.Decide(
                    x,
                    new SeeRunSucceed("d", $"r{Run}", At(Run), At(Run), At(HappenedAt)),
                    decision
                ),
                15 => DagDecider.Decide(x, new SeeTaskGivenUp("d", $"r{Run}", "t", 1, "no"), decision),
                16 => DagDecider.Decide(x, new CheckDagStable("d", $"r{Run}"), decision),
                17 => DagDecider.Decide(
                    x,
                    new SeeTasksTakenOver("d", $"r{Run}", Number > 3 ? ["t"] : null, "cleared by anna", At(HappenedAt)),
                    decision
                ),
                18 => TaskDecider.Decide(
                    x,
                    new SeeTaskTakenOver("task.d.t", $"r{Run}", "cleared by anna", At(HappenedAt)),
                    decision
                ),
                _ => TaskDecider.Decide(
                    x,
                    new SeeTaskRecover("d", $"r{Run}", "t", Number, 64, At(HappenedAt)),
                    decision
                ),
            };
        }
    }

    // Given up, or still worked upon.
    static TaskFailure Failure(int seed) =>
        new(
            "t",
            1,
            "oom",
            "",
            64,
            new Episode { Turn = 1, State = seed % 3 == 0 ? EpisodeState.Acting : EpisodeState.GivenUp }
        );

    static Arbitrary<Arrival[]> Arrivals(int first, int last, int? instead = null) =>
        (
            from kind in Gen.Choose(first, last)
            from number in Gen.Choose(0, 6)
            from run in Gen.Choose(0, 3)
            from happened in Gen.Choose(0, 9_000)
            from now in Gen.Choose(0, 9_000)
            select new Arrival(kind == last ? instead ?? kind : kind, number, run, happened, now)
        )
            .ArrayOf()
            .Resize(120)
            .ToArbitrary();

    static readonly Arbitrary<Arrival[]> Containers = Arrivals(0, 7, 12);
    static readonly Arbitrary<Arrival[]> Tasks = Arrivals(7, 12, 18);
    static readonly Arbitrary<Arrival[]> Dags = Arrivals(13, 17);

    static void ForAll(Func<Arrival[], bool> holds)
    {
        Prop.ForAll(Containers, holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        Prop.ForAll(Tasks, holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        Prop.ForAll(Dags, holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    static List<CaseEvent> Play(IEnumerable<Arrival> arrivals, HealingPolicy policy)
    {
        var (state, log) = (Case.None, new List<CaseEvent>());
        foreach (var arrival in arrivals)
        {
            var events = arrival.Decide(state, policy);
            log.AddRange(events);
            state = events.Aggregate(state, Case.Evolve);
        }
        return log;
    }

    [Fact]
    public void No_hour_holds_more_actions_than_the_budget() =>
        ForAll(arrivals =>
        {
            var starts = Play(arrivals, Usual).OfType<HealingStarted>().Select(x => x.At).ToList();
            return starts.All(from =>
                starts.Count(x => x >= from && x < from + Case.BudgetWindow) <= Usual.MaxActionsPerTargetPerHour
            );
        });

    [Fact]
    public void A_repeated_message_decides_nothing() =>
        ForAll(arrivals =>
        {
            var state = Case.None;
            foreach (var arrival in arrivals)
            {
                state = arrival.Decide(state, Usual).Aggregate(state, Case.Evolve);
                if (arrival.Decide(state, Usual).Count > 0)
                    return false;
            }
            return true;
        });

    [Fact]
    public void Delivering_everything_twice_decides_the_same() =>
        ForAll(arrivals =>
            Texts(Play(arrivals, Usual)).SequenceEqual(Texts(Play(arrivals.SelectMany(x => new[] { x, x }), Usual)))
        );

    // Events that hold lists are not equal to others that hold the same.
    static IEnumerable<string> Texts(IEnumerable<CaseEvent> events) =>
        events.Select(x => $"{x.GetType().Name} {JsonSerializer.Serialize<object>(x)}");

    [Fact]
    public void A_failure_is_escalated_once() =>
        ForAll(arrivals =>
        {
            var causes = Play(arrivals, Usual).OfType<HealingFailed>().Select(x => x.CauseId).ToList();
            return causes.Distinct().Count() == causes.Count;
        });

    [Fact]
    public void Every_action_and_every_giving_up_answers_a_failure_seen_before() =>
        ForAll(arrivals =>
        {
            var log = Play(arrivals, Usual);
            return log.Where(x => x is HealingStarted or HealingFailed)
                .All(x =>
                    log.TakeWhile(y => y != x).Any(y => y is AnomalySeen or RunFailureSeen && y.Subject == x.Subject)
                );
        });

    [Fact]
    public void While_it_flaps_nothing_is_taken_back_but_after_it_was_proved_for_a_time() =>
        ForAll(arrivals =>
        {
            var (state, holds) = (Case.None, true);
            foreach (var arrival in arrivals)
            {
                var events = arrival.Decide(state, Usual);
                holds &= !state.Flapping.Active || arrival.Kind is 5 or 16 || !events.OfType<HealingVerified>().Any();
                state = events.Aggregate(state, Case.Evolve);
            }
            return holds;
        });

    [Fact]
    public void Actions_are_numbered_without_a_gap() =>
        ForAll(arrivals =>
        {
            var numbers = Play(arrivals, Usual).OfType<HealingStarted>().Select(x => x.Action).ToList();
            return numbers.SequenceEqual(Enumerable.Range(1, numbers.Count));
        });
}
