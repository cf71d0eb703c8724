using System.Globalization;
using JasperFx;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Nightshift.Healer.Dags;
using Nightshift.Healer.Tasks;

namespace Nightshift.Healer.Cases;

/// <summary>One line in the list of cases. Disposable: rebuilt from the streams at any time.</summary>
/// <param name="StreamId">The case's stream, to replay.</param>
/// <param name="Target"><c>dag.{dag}</c>, <c>task.{dag}.{task}</c> or <c>container.{name}</c>.</param>
/// <param name="State"><c>waiting</c>, <c>acting</c>, <c>proving</c>, <c>well</c> or <c>given-up</c>, of the subject
/// last heard of.</param>
/// <param name="Subject">That subject: a run or the container.</param>
/// <param name="Summary">The latest thing that happened, one line.</param>
/// <param name="LastAction">The latest action, one line; null when none was taken.</param>
/// <param name="LastActionAt">When (UTC).</param>
/// <param name="Failures">Failures seen.</param>
/// <param name="Actions">Actions taken.</param>
/// <param name="Verified">Times it was seen to work again.</param>
/// <param name="GivenUp">Times a person was asked.</param>
/// <param name="UpdatedAt">When the latest of it was decided (UTC).</param>
/// <param name="AwaitedDag">The DAG whose next successful run settles it; null for a container, and while nothing was
/// given up.</param>
public sealed record CaseRow(
    [property: Identity] string StreamId,
    string Target,
    string State,
    string Subject,
    string Summary,
    string? LastAction,
    DateTimeOffset? LastActionAt,
    int Failures,
    int Actions,
    int Verified,
    int GivenUp,
    DateTimeOffset UpdatedAt,
    string? AwaitedDag = null
);

/// <summary>
/// Keeps <see cref="CaseRow"/> up to date, in the transaction of the events. A target that never failed has no row.
/// </summary>
public sealed partial class CaseRowProjection : SingleStreamProjection<CaseRow, string>
{
    /// <inheritdoc/>
    public override CaseRow? Evolve(CaseRow? snapshot, string id, IEvent e) =>
        e.Data is not CaseEvent data
            ? snapshot
            : (snapshot, data) switch
            {
                (var row, AnomalySeen x) => (
                    row ?? new(id, x.Target, "well", x.Subject, "", null, null, 0, 0, 0, 0, x.At)
                ) with
                {
                    Subject = x.Subject,
                    Summary = x.Summary,
                    Failures = (row?.Failures ?? 0) + 1,
                    UpdatedAt = x.At,
                },
                (var row, RunFailureSeen x) => (
                    row ?? new(id, x.Target, "well", x.Subject, "", null, null, 0, 0, 0, 0, x.At)
                ) with
                {
                    State = x.Healing.Count > 0 ? "waiting" : row?.State ?? "well",
                    Subject = x.Subject,
                    Summary = x.Summary,
                    Failures = (row?.Failures ?? 0) + 1,
                    UpdatedAt = x.At,
                    AwaitedDag = DagOf(x.Target),
                },
                ({ } row, HealingStarted x) => row with
                {
                    State = "acting",
                    Subject = x.Subject,
                    LastAction = Words(x),
                    LastActionAt = x.At,
                    Actions = x.Action,
                    UpdatedAt = x.At,
                },
                ({ } row, RestartPlanned x) => row with { State = "waiting", Subject = x.Subject, UpdatedAt = x.At },
                ({ } row, HealthSeen { BelieveAfter: not null } x) => row with
                {
                    State = "proving",
                    Subject = x.Subject,
                    UpdatedAt = x.At,
                },
                ({ } row, ActionFailed x) => row with { Summary = x.Why, UpdatedAt = x.At },
                ({ } row, HealingVerified x) => row with
                {
                    State = "well",
                    Subject = x.Subject,
                    Summary = x.Summary,
                    Verified = row.Verified + 1,
                    UpdatedAt = x.At,
                    AwaitedDag = null,
                },
                ({ } row, SubjectRemoved x) => row with
                {
                    State = "well",
                    Subject = x.Subject,
                    Summary = x.Summary,
                    UpdatedAt = x.At,
                },
                ({ } row, SubjectStopped x) => row with
                {
                    State = "well",
                    Subject = x.Subject,
                    Summary = x.Summary,
                    UpdatedAt = x.At,
                },
                ({ } row, HealingWithdrawn x) => row with
                {
                    State = x.IsLast ? "well" : row.State,
                    Subject = x.Subject,
                    Summary = x.Summary,
                    UpdatedAt = x.At,
                },
                ({ } row, HealingFailed x) => row with
                {
                    State = "given-up",
                    Subject = x.Subject,
                    Summary = $"{x.Summary}; {x.Why}",
                    GivenUp = row.GivenUp + 1,
                    UpdatedAt = x.At,
                    AwaitedDag = DagOf(x.Target),
                },
                _ => snapshot,
            };

    /// <summary>An action as one line.</summary>
    public static string Words(HealingStarted started) =>
        started switch
        {
            MemoryRaiseStarted x => string.Create(
                CultureInfo.InvariantCulture,
                $"Raised memory of {NameOf(x.Target)} to {x.ToMiB} MiB and retried it"
            ),
            RestartStarted x => $"Restarted {x.Subject}",
            _ => started.GetType().Name,
        };

    static string? DagOf(string target) => DagTarget.Parse(target) ?? TaskTarget.Parse(target)?.DagId;

    /// <summary>A target as people call it: <c>hello.load</c>, <c>web</c>.</summary>
    public static string NameOf(string target) => target[(target.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
