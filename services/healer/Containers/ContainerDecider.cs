using System.Globalization;
using Nightshift.Healer.Cases;
using Nightshift.Healer.Policy;

namespace Nightshift.Healer.Containers;

/// <summary>
/// What is done about a failed container: a restart at once, further ones after a growing wait while the budget lasts,
/// then a person.
/// </summary>
public static class ContainerDecider
{
    /// <summary>The target a container's case is named after.</summary>
    public static string TargetOf(string container) => $"container.{container}";

    /// <summary>Answers a failure.</summary>
    /// <returns>No events for a repeated or late report, nor for one about an incarnation that is being replaced
    /// already.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeContainerFail fail, Terms terms)
    {
        var episode = @case[fail.Container];
        if (!episode.IsNews(fail.Incarnation, fail.FailedAt, sound: false, end: fail.Problem == AnomalySeen.Exited))
            return [];
        var seen = new AnomalySeen(
            TargetOf(fail.Container),
            fail.Container,
            fail.Incarnation,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{fail.Container}.{fail.Incarnation}.{fail.FailedAt.UtcDateTime:yyyyMMdd'T'HHmmss.fff'Z'}"
            ),
            fail.Problem,
            Describe(fail),
            fail.Engine,
            fail.FailedAt,
            terms.Now
        );
        return episode.State switch
        {
            EpisodeState.Waiting => [seen], // the planned restart answers this one too
            EpisodeState.Acting when fail.Incarnation <= episode.Answers => [seen], // and so does the one under way
            _ => [seen, Next(Case.Evolve(@case, seen), fail.Container, fail.Incarnation, Failed(fail), terms)],
        };
    }

    /// <summary>Takes note of health. Running without a health check has to last before it is believed.</summary>
    /// <returns>No events for a repeated or late report.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeContainerWell well, Terms terms)
    {
        var episode = @case[well.Container];
        if (!episode.IsNews(well.Incarnation, well.WellAt, sound: true))
            return [];
        var open = episode.State is not EpisodeState.Well;
        var seen = new HealthSeen(
            TargetOf(well.Container),
            well.Container,
            well.Incarnation,
            well.WellAt,
            open && !well.HasHealthCheck ? terms.Policy.StableFor : null,
            terms.Now
        );
        return open && well.HasHealthCheck
            ? [seen, Verified(well.Container, episode, "its health check passes", terms)]
            : [seen];
    }

    /// <summary>Takes note of a removal, which ends whatever healing was doing about the container.</summary>
    /// <returns>No events for a repeated report, nor when a newer incarnation is known.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeContainerRemoved removed, Terms terms)
    {
        var episode = @case[removed.Container];
        if (removed.Incarnation < episode.Turn || removed.Incarnation == episode.Turn && episode.Removed)
            return [];
        return
        [
            new SubjectRemoved(
                TargetOf(removed.Container),
                removed.Container,
                removed.Incarnation,
                $"{removed.Container} was removed",
                episode.Escalated,
                terms.Now
            ),
        ];
    }

    /// <summary>Answers a restart that could not be done.</summary>
    /// <returns>No events unless it is the answer to the restart under way.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeRestartFail fail, Terms terms)
    {
        var episode = @case[fail.Container];
        if (
            episode.State is not EpisodeState.Acting
            || episode.Answers != fail.Incarnation
            || fail.RefusedAt < episode.ActedAt
        )
            return [];
        return TryAgain(
            @case,
            fail.Container,
            episode,
            episode.Answers,
            $"the engine could not restart it: {fail.Detail}",
            terms
        );
    }

    /// <summary>Does the planned restart.</summary>
    /// <returns>No events when the plan was overtaken.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, ActNow due, Terms terms)
    {
        var episode = @case[due.Container];
        if (episode.State is not EpisodeState.Waiting || episode.Action != due.Action)
            return [];
        return
        [
            terms.Refusal(@case) is { } why
                ? Failed(due.Container, episode, why, terms)
                : Start(due.Container, episode, due.Action, Math.Max(episode.Answers, episode.Turn), terms),
        ];
    }

    /// <summary>Judges a restart whose time is up.</summary>
    /// <returns>No events when it was settled before.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, CheckVerified due, Terms terms)
    {
        var episode = @case[due.Container];
        if (episode.State is not EpisodeState.Acting || episode.Action != due.Action)
            return [];
        // What did not become healthy is the incarnation the restart made, so the next restart answers that one.
        return TryAgain(
            @case,
            due.Container,
            episode,
            episode.Answers + 1,
            string.Create(
                CultureInfo.InvariantCulture,
                $"it was not healthy within {episode.VerifyWithin.TotalSeconds:0.#} s of its restart"
            ),
            terms
        );
    }

    /// <summary>Believes a container that has kept running.</summary>
    /// <returns>No events when it failed again meanwhile.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, CheckStable due, Terms terms)
    {
        var episode = @case[due.Container];
        return episode is { State: EpisodeState.Proving, Sound: true } && episode.Turn == due.Incarnation
            ? [Verified(due.Container, episode, "it keeps running", terms)]
            : [];
    }

    static IReadOnlyList<CaseEvent> TryAgain(
        Case @case,
        string container,
        Episode episode,
        int incarnation,
        string why,
        Terms terms
    )
    {
        var failed = new ActionFailed(TargetOf(container), container, episode.Action, why, terms.Now);
        return [failed, Next(Case.Evolve(@case, failed), container, Math.Max(episode.Turn, incarnation), why, terms)];
    }

    static CaseEvent Next(Case @case, string container, int incarnation, string what, Terms terms)
    {
        var (episode, action) = (@case[container], @case.Actions + 1);
        if (terms.Refusal(@case) is { } refusal)
            return Failed(container, episode, $"{what}, and {refusal}", terms);
        return episode.Tries == 0
            ? Start(container, episode, action, incarnation, terms)
            : new RestartPlanned(
                TargetOf(container),
                container,
                action,
                incarnation,
                terms.Policy.WaitAfter(episode.Tries),
                terms.Now
            );
    }

    static RestartStarted Start(string container, Episode episode, int action, int incarnation, Terms terms) =>
        new(
            TargetOf(container),
            container,
            action,
            episode.Engine ?? "",
            incarnation,
            terms.Policy.VerifyWithin,
            terms.Now
        );

    static HealingFailed Failed(string container, Episode episode, string why, Terms terms) =>
        new(TargetOf(container), container, episode.CauseId, episode.Summary, why, terms.Now);

    static HealingVerified Verified(string container, Episode episode, string proof, Terms terms)
    {
        var what = episode.Tries switch
        {
            0 => "recovered by itself",
            1 => "works again after a restart",
            _ => $"works again after {episode.Tries} restarts",
        };
        return new(
            TargetOf(container),
            container,
            episode.Tries,
            $"{container} {what}: {proof}",
            episode.Escalated,
            terms.Now
        );
    }

    static string Failed(SeeContainerFail x) =>
        x.ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"it {x.Problem} with {code}")
            : $"it is {x.Problem}";

    static string Describe(SeeContainerFail x) =>
        x.ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"Container {x.Container} {x.Problem} with {code}")
            : $"Container {x.Container} is {x.Problem}";
}
