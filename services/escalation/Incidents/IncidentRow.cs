using JasperFx;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Nightshift.Escalation.Tiers;

namespace Nightshift.Escalation.Incidents;

/// <summary>One line in the list of incidents. Disposable: rebuilt from the streams at any time.</summary>
/// <param name="StreamId">The incident's stream, to replay.</param>
/// <param name="Id">The incident's id, which is its target: <c>dag.{dag}</c> or
/// <c>container.{name}</c>.</param>
/// <param name="State"><c>open</c>, <c>acknowledged</c> or <c>resolved</c>.</param>
/// <param name="Epoch">Which opening of it, from 1.</param>
/// <param name="Tier">The tier it is in; 0 before the first.</param>
/// <param name="Tiers">How many there are.</param>
/// <param name="Summary">What failed, latest.</param>
/// <param name="Why">Why healing stopped, latest.</param>
/// <param name="CaseId">The healer's case, to replay.</param>
/// <param name="Failures">Failures in this opening.</param>
/// <param name="RaisedAt">When this opening began (UTC).</param>
/// <param name="UpdatedAt">When it last changed (UTC).</param>
/// <param name="OnStatusPage">True when the status page has been told to ask for a person.</param>
/// <param name="AcknowledgedBy">Who has taken it on; null when nobody has.</param>
/// <param name="AcknowledgedAt">When (UTC).</param>
/// <param name="ResolvedBy">Who ended it; null while it is open.</param>
/// <param name="ResolvedAt">When (UTC).</param>
/// <param name="Reason">What the last person, or the healer, said about it.</param>
/// <param name="Runs">Of a DAG: the runs that failed in this opening, the latest 20, oldest first; null for a
/// container.</param>
/// <param name="Tasks">Of a DAG: tasks that failed in them, at most 20; null for a container.</param>
public sealed record IncidentRow(
    [property: Identity] string StreamId,
    string Id,
    string State,
    int Epoch,
    int Tier,
    int Tiers,
    string Summary,
    string Why,
    string CaseId,
    int Failures,
    DateTimeOffset RaisedAt,
    DateTimeOffset UpdatedAt,
    bool OnStatusPage = false,
    string? AcknowledgedBy = null,
    DateTimeOffset? AcknowledgedAt = null,
    string? ResolvedBy = null,
    DateTimeOffset? ResolvedAt = null,
    string? Reason = null,
    IReadOnlyList<string>? Runs = null,
    IReadOnlyList<string>? Tasks = null
);

/// <summary>Keeps <see cref="IncidentRow"/> up to date, in the transaction of the events.</summary>
public sealed partial class IncidentRowProjection : SingleStreamProjection<IncidentRow, string>
{
    /// <inheritdoc/>
    public override IncidentRow? Evolve(IncidentRow? snapshot, string id, IEvent e) =>
        (snapshot, e.Data) switch
        {
            (_, IncidentRaised x) => new(
                id,
                x.Target,
                "open",
                x.Epoch,
                0,
                x.Tiers.Count,
                x.Summary,
                x.Why,
                x.CaseId,
                1,
                x.At,
                x.At,
                Runs: x.RunId is null ? null : Incident.AddRun([], x.RunId),
                Tasks: x.RunId is null ? null : Incident.AddTasks([], x.Tasks)
            ),
            ({ } row, DuplicateSeen x) => row with
            {
                Summary = x.Summary,
                Why = x.Why,
                Failures = row.Failures + 1,
                UpdatedAt = x.At,
                Runs = x.RunId is null ? row.Runs : Incident.AddRun([.. row.Runs ?? []], x.RunId),
                Tasks = x.RunId is null ? row.Tasks : Incident.AddTasks([.. row.Tasks ?? []], x.Tasks),
            },
            ({ } row, TierEntered x) => row with { Tier = x.Tier, UpdatedAt = x.At },
            ({ } row, NotificationSent { Channel: ChannelNames.Status }) => row with { OnStatusPage = true },
            ({ } row, Acknowledged x) => row with
            {
                State = "acknowledged",
                AcknowledgedBy = x.By,
                AcknowledgedAt = x.At,
                Reason = x.Reason,
                UpdatedAt = x.At,
            },
            ({ } row, Resolved x) => row with
            {
                State = "resolved",
                ResolvedBy = x.By,
                ResolvedAt = x.At,
                Reason = x.Reason,
                UpdatedAt = x.At,
            },
            _ => snapshot,
        };
}
