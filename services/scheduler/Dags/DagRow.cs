using System.Text.Json.Serialization;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Nightshift.Scheduler.Schedules;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// One row per DAG in the catalogue; <see cref="TickCursor"/> has when it runs next. Disposable: rebuilt from the
/// streams at any time.
/// </summary>
/// <param name="Id">The DAG's stream.</param>
/// <param name="Version">Its live version.</param>
/// <param name="File">The file it came from.</param>
/// <param name="Live">False when the file is gone.</param>
/// <param name="Spec">What the file says.</param>
/// <param name="Revision">The version of its stream, counted here because inline projections run before versions are
/// given out.</param>
/// <param name="At">When this version became live (UTC).</param>
public sealed record DagRow(
    string Id,
    string Version,
    string File,
    bool Live,
    DagSpec Spec,
    long Revision,
    DateTimeOffset At
)
{
    /// <summary>Its schedule makes no runs, and other runs are queued.</summary>
    public bool IsPaused { get; init; }

    /// <summary>True when a person deleted it: it is as if it had never been, but for <see cref="Revision"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Deleted { get; init; }
}

/// <summary>
/// Keeps <see cref="DagRow"/> in the same transaction as the events: whoever publishes a DAG can trigger it at once.
/// </summary>
public sealed partial class DagRowProjection : SingleStreamProjection<DagRow, string>
{
    /// <summary>Looks at the events of DAGs and at no others.</summary>
    public DagRowProjection()
    {
        IncludeType<DagPublished>();
        IncludeType<DagWithdrawn>();
        IncludeType<TicksSkipped>();
        IncludeType<TicksRefused>();
        IncludeType<DagPaused>();
        IncludeType<DagUnpaused>();
        IncludeType<DagDeleted>();
        IncludeType<RunDeletionRequested>();
    }

    /// <inheritdoc/>
    public override DagRow? Evolve(DagRow? snapshot, string id, IEvent e) =>
        (snapshot, e.Data) switch
        {
            (_, DagPublished x) => new(id, x.Version, x.File, Live: true, x.Spec, (snapshot?.Revision ?? 0) + 1, x.At)
            {
                IsPaused = snapshot is { Deleted: false, IsPaused: true },
            },
            ({ } row, DagPaused) => row with { IsPaused = true, Revision = row.Revision + 1 },
            ({ } row, DagUnpaused) => row with { IsPaused = false, Revision = row.Revision + 1 },
            ({ } row, DagWithdrawn) => row with { Live = false, Revision = row.Revision + 1 },
            ({ } row, DagDeleted) => row with { Live = false, Deleted = true, Revision = row.Revision + 1 },
            ({ } row, DagEvent) => row with { Revision = row.Revision + 1 },
            _ => snapshot,
        };
}
