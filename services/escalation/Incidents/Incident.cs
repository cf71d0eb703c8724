using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nightshift.Escalation.Tiers;

namespace Nightshift.Escalation.Incidents;

/// <summary>Where an incident stands.</summary>
public enum IncidentState
{
    /// <summary>Never raised.</summary>
    None,

    /// <summary>Nobody has taken it on; tiers follow one another.</summary>
    Open,

    /// <summary>Somebody has; the tiers stand still.</summary>
    Acknowledged,

    /// <summary>Over, until the target fails again.</summary>
    Resolved,
}

/// <summary>
/// One target's incident: its present opening, and enough of the past to recognise what is told twice.
/// </summary>
public sealed record Incident
{
    /// <summary>The incident before its first event.</summary>
    public static Incident None { get; } = new();

    /// <summary>Failures remembered; one forgotten after so many newer ones would count again.</summary>
    const int CausesKept = 200;

    /// <summary>Runs and tasks named at most.</summary>
    const int Named = 20;

    /// <summary>What is broken; the incident's id.</summary>
    public string Target { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public IncidentState State { get; init; }

    /// <summary>Which opening this is, from 1; 0 when there was none.</summary>
    public int Epoch { get; init; }

    /// <summary>The tier entered last in this epoch; 0 before the first.</summary>
    public int Tier { get; init; }

    /// <summary>The tiers of this epoch.</summary>
    public ImmutableList<Tier> Tiers { get; init; } = [];

    /// <summary>What failed, latest.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Why healing stopped, latest.</summary>
    public string Why { get; init; } = "";

    /// <summary>The healer's case.</summary>
    public string CaseId { get; init; } = "";

    /// <summary>Failures in this epoch.</summary>
    public int Failures { get; init; }

    /// <summary>Of a DAG: the runs that failed in this epoch, the latest 20, oldest first.</summary>
    public ImmutableList<string> Runs { get; init; } = [];

    /// <summary>Of a DAG: the tasks that failed in them, at most 20.</summary>
    public ImmutableList<string> Tasks { get; init; } = [];

    /// <summary>When this epoch began (UTC).</summary>
    public DateTimeOffset? RaisedAt { get; init; }

    /// <summary>When the healer last gave up (UTC, its clock).</summary>
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>When the healer last saw it work (UTC, its clock); null when it never did.</summary>
    public DateTimeOffset? RecoveredAt { get; init; }

    /// <summary>Who has taken it on; null when nobody has in this epoch.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>Failures seen, oldest first.</summary>
    public ImmutableList<string> Causes { get; init; } = [];

    /// <summary>Outcomes of this epoch's notifications: <c>{tier}:{channel}</c>, true when told.</summary>
    public ImmutableDictionary<string, bool> Told { get; init; } = ImmutableDictionary<string, bool>.Empty;

    /// <summary>True until it is resolved.</summary>
    [JsonIgnore]
    public bool IsOpen => State is IncidentState.Open or IncidentState.Acknowledged;

    /// <summary>The incident after one more event.</summary>
    public static Incident Evolve(Incident x, object @event) =>
        @event switch
        {
            IncidentRaised e => x with
            {
                Target = e.Target,
                State = IncidentState.Open,
                Epoch = e.Epoch,
                Tier = 0,
                Tiers = [.. e.Tiers],
                Summary = e.Summary,
                Why = e.Why,
                CaseId = e.CaseId,
                Failures = 1,
                RaisedAt = e.At,
                FailedAt = e.FailedAt,
                AcknowledgedBy = null,
                Runs = AddRun([], e.RunId),
                Tasks = AddTasks([], e.Tasks),
                Causes = Remember(x, e.CauseId),
                Told = x.Told.Clear(),
            },
            DuplicateSeen e => x with
            {
                Summary = e.Summary,
                Why = e.Why,
                Failures = x.Failures + 1,
                FailedAt = e.FailedAt > x.FailedAt ? e.FailedAt : x.FailedAt,
                Runs = AddRun(x.Runs, e.RunId),
                Tasks = AddTasks(x.Tasks, e.Tasks),
                Causes = Remember(x, e.CauseId),
            },
            TierEntered e => x with { Tier = e.Tier },
            NotificationSent e => x with { Told = x.Told.SetItem(Key(e.Tier, e.Channel), true) },
            NotificationFailed e => x with { Told = x.Told.SetItem(Key(e.Tier, e.Channel), false) },
            Acknowledged e => x with { State = IncidentState.Acknowledged, AcknowledgedBy = e.By },
            Resolved => x with { State = IncidentState.Resolved },
            RecoverySeen e => x with { Target = e.Target, RecoveredAt = e.RecoveredAt },
            _ => x,
        };

    /// <summary>How a channel of a tier is remembered in <see cref="Told"/>.</summary>
    public static string Key(int tier, string channel) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{tier}:{channel}");

    /// <summary>Runs with one more, which failed last.</summary>
    public static ImmutableList<string> AddRun(ImmutableList<string> runs, string? run) =>
        run is null ? runs : [.. runs.Remove(run).TakeLast(Named - 1), run];

    /// <summary>Tasks with further ones, as far as there is room.</summary>
    public static ImmutableList<string> AddTasks(ImmutableList<string> tasks, IReadOnlyList<string>? more) =>
        [.. tasks.Union(more ?? []).Take(Named)];

    static ImmutableList<string> Remember(Incident x, string cause) =>
        x.Causes.Add(cause).RemoveRange(0, Math.Max(0, x.Causes.Count + 1 - CausesKept));
}
