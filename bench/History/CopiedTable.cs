namespace Nightshift.Bench.History;

/// <summary>A table with rows of the sample, which are copied.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Key">The column that names the run, or the DAG, that a row belongs to.</param>
/// <param name="Order">The column by which the rows of one run are ordered.</param>
/// <param name="Copies">The table with the copies to make: <see cref="Runs"/>, <see cref="FailedDags"/> or
/// <see cref="Backfills"/>.</param>
sealed record CopiedTable(string Schema, string Name, string Key, string Order, string Copies = CopiedTable.Runs)
{
    /// <summary>A row for each copied run.</summary>
    public const string Runs = "history.run_copy";

    /// <summary>A row for each DAG with an incident.</summary>
    public const string FailedDags = "history.dag_copy";

    /// <summary>A row for each backfill.</summary>
    public const string Backfills = "history.backfill_copy";

    /// <summary>The table with the samples of a table of copies.</summary>
    public static string SamplesOf(string copies) => copies[..^"_copy".Length];

    /// <summary>
    /// What a month of runs, deliveries, backfills, healing and incidents leaves. Streams come before their events, which
    /// refer to them. Left out is what a run leaves only while it lasts: timers, open attempts, sealed secrets, requests
    /// for slots, its place among the runs that wait.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<CopiedTable>> All { get; } =
    [
        [
            new("scheduler", "mt_streams", "id", "id"),
            new("scheduler", "mt_events", "stream_id", "seq_id"),
            new("scheduler", "mt_doc_runrow", "id", "id"),
            new("scheduler", "stream_value", "stream_id", "sha256"),
            new("scheduler", "dag_failure", "dag_id", "dag_id", FailedDags),
            new("scheduler", "mt_streams", "id", "id", Backfills),
            new("scheduler", "mt_events", "stream_id", "seq_id", Backfills),
            new("scheduler", "mt_doc_backfillrow", "id", "id", Backfills),
        ],
        [
            new("executor", "mt_streams", "id", "id"),
            new("executor", "mt_events", "stream_id", "seq_id"),
            new("executor", "stream_value", "stream_id", "sha256"),
            new("executor", "attempt_log", "attempt_id", "first_seq"),
        ],
        [
            new("webhooks", "mt_streams", "id", "id"),
            new("webhooks", "mt_events", "stream_id", "seq_id"),
            new("webhooks", "mt_doc_deliveryrow", "id", "id"),
            new("webhooks", "delivery_body", "delivery_id", "delivery_id"),
            new("webhooks", "delivery_body_hash", "delivery_id", "delivery_id"),
            new("healer", "mt_streams", "id", "id", FailedDags),
            new("healer", "mt_events", "stream_id", "seq_id", FailedDags),
            new("healer", "mt_doc_caserow", "id", "id", FailedDags),
            new("escalation", "mt_streams", "id", "id", FailedDags),
            new("escalation", "mt_events", "stream_id", "seq_id", FailedDags),
            new("escalation", "mt_doc_incidentrow", "id", "id", FailedDags),
        ],
    ];

    /// <summary>The table's full name.</summary>
    public string FullName => $"{Schema}.{Name}";

    /// <summary>The table that holds its rows of the sample.</summary>
    public string Sample => $"{SamplesOf(Copies)}_{Schema}_{Name}";

    /// <summary>
    /// Its copies' sequence numbers begin here, far apart for the kinds that share a log; a new system's own first
    /// events are below.
    /// </summary>
    public long FirstSequence => Copies == Backfills ? 500_000_000 : CopyStatements.FirstSequence;
}
