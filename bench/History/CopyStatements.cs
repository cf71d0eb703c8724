namespace Nightshift.Bench.History;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as <c>information_schema</c> names it.</param>
readonly record struct Column(string Name, string Type);

/// <summary>
/// The SQL that copies rows of the sample. A copy is the same run under another name at another time: its id, its DAG
/// and its instants are replaced wherever they stand, in columns and inside JSON, and nothing else is.
/// </summary>
static class CopyStatements
{
    /// <summary>Sequence numbers begin here; a new system's own first events are below.</summary>
    public const long FirstSequence = 10_000;

    /// <summary>Minutes a run of the sample lasts at most. Instants are moved by whole minutes.</summary>
    public const int SampleMinutes = 5;

    /// <summary>
    /// The copies. Numbers rise with time. <c>old</c> and <c>new</c> hold the minutes of the sample's run and those
    /// that stand for them in the copy; <c>turn</c> counts the copies of one DAG. Parameters: how many, minutes.
    /// </summary>
    /// <param name="table">Its name.</param>
    /// <param name="dag">The DAG of a copy, as SQL over its <c>number</c>.</param>
    /// <param name="id">What a copy is called instead of the sample's token, as SQL over <c>c</c>.</param>
    public static string CreateCopies(string table, string dag, string id) =>
        $"""
            create unlogged table {table} as
            select c.*, {id} as id, row_number() over (partition by dag order by number) as turn,
              (select array_agg(to_char((began + m * interval '1 minute') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:')
                order by m) from generate_series(-1, {SampleMinutes}) m) as old,
              (select array_agg(to_char((began - age + m * interval '1 minute') at time zone 'UTC',
                'YYYY-MM-DD"T"HH24:MI:') order by m) from generate_series(-1, {SampleMinutes}) m) as new
            from (
              select number, s.sample, s.token, s.dag as old_dag, s.began, {dag} as dag,
                ({2 * SampleMinutes} + ceil(@minutes * (@count - number) / @count)) * interval '1 minute' as age
              from generate_series(0, @count - 1) number
              join {CopiedTable.SamplesOf(table)} s
                on s.sample = number % (select count(*) from {CopiedTable.SamplesOf(table)})) c;
            alter table {table} add primary key (number); analyze {table}
            """;

    /// <summary>Sets the rows of the sample aside.</summary>
    public static string CreateSample(CopiedTable table) =>
        $"""
            create unlogged table {table.Sample} as
            select s.sample, t.*,
              row_number() over (partition by s.sample order by t.{table.Order}, t.{table.Key}) as rank
            from {table.FullName} t join {CopiedTable.SamplesOf(
                table.Copies
            )} s on position(s.token in t.{table.Key}) > 0
            """;

    /// <summary>Copies the rows of the copies numbered from <c>@first</c> to before <c>@end</c>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">All its columns.</param>
    /// <param name="width">Sequence numbers that each copy may use.</param>
    public static string Copy(CopiedTable table, IReadOnlyList<Column> columns, long width) =>
        $"""
            insert into {table.FullName} ({string.Join(", ", columns.Select(x => x.Name))})
            select {string.Join(", ", columns.Select(x => Value(table, x, width)))}
            from {table.Copies} c join {table.Sample} t on t.sample = c.sample
            where c.number >= @first and c.number < @end order by c.number, t.rank
            """;

    /// <summary>
    /// An outage before each run, in which the ticks before its own were skipped: the event of the DAG's stream that it
    /// leaves. It has the first sequence number of the run. The event is made from the stream's first, a
    /// <c>dag_published</c>.
    /// </summary>
    public static string SkipTicks(IReadOnlyList<Column> columns, long width) =>
        $"""
            insert into scheduler.mt_events ({string.Join(", ", columns.Select(x => x.Name))})
            select {string.Join(", ", columns.Select(x => SkippedValue(x, width)))}
            from {CopiedTable.Runs} c join scheduler.mt_events t on t.stream_id = 'dag-' || c.dag and t.version = 1
            where c.number >= @first and c.number < @end order by c.number
            """;

    /// <summary>Brings the rows of the DAGs to the versions that their streams have now.</summary>
    public const string RaiseDagVersions = $"""
        update scheduler.mt_streams s set version = 1 + d.events
          from (select dag, count(*) events from {CopiedTable.Runs} group by dag) d where s.id = 'dag-' || d.dag;
        update scheduler.mt_doc_dagrow r set mt_version = s.version,
          data = jsonb_set(r.data, array['revision'], to_jsonb(s.version))
          from scheduler.mt_streams s where s.id = r.id
        """;

    static string Value(CopiedTable table, Column column, long width) =>
        column switch
        {
            { Name: "seq_id" } => $"{table.FirstSequence} + c.number * {width} + t.rank",
            { Name: "body_sha256" } => "encode(sha256(convert_to(t.body_sha256 || c.id, 'UTF8')), 'hex')",
            { Type: "uuid" } => "gen_random_uuid()",
            { Type: "jsonb" } => $"{Moved(Renamed($"t.{column.Name}::text"))}::jsonb",
            { Type: "timestamp with time zone", Name: "week" } => "date_trunc('week', t.week - c.age, 'UTC')",
            { Type: "timestamp with time zone" } => $"t.{column.Name} - c.age",
            { Type: "character varying" or "text" } => Renamed($"t.{column.Name}"),
            _ => $"t.{column.Name}",
        };

    static string SkippedValue(Column column, long width) =>
        column switch
        {
            { Name: "seq_id" } => $"{FirstSequence} + c.number * {width}",
            { Name: "version" } => "1 + c.turn",
            { Name: "type" } => "'ticks_skipped'",
            { Name: "mt_dotnet_type" } => "replace(t.mt_dotnet_type, 'DagPublished', 'TicksSkipped')",
            { Name: "timestamp" } => "c.began - c.age",
            { Name: "data" } => $"jsonb_build_object('first', {TicksAgo(HistorySize.TicksPerRun - 1)}, "
                + $"'last', {TicksAgo(1)}, 'at', c.began - c.age)",
            { Type: "uuid" } => "gen_random_uuid()",
            _ => $"t.{column.Name}",
        };

    static string TicksAgo(int ticks) => $"c.began - c.age - {ticks} * interval '1 minute'";

    static string Renamed(string text) => $"replace(replace({text}, c.token, c.id), c.old_dag, c.dag)";

    static string Moved(string json) =>
        Enumerable.Range(1, SampleMinutes + 2).Aggregate(json, (text, i) => $"replace({text}, c.old[{i}], c.new[{i}])");
}
