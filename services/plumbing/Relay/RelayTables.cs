using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// The relay's own tables, one of each per service: <c>relay_cursor</c> with the position below which everything is
/// settled, and <c>unpublishable_event</c> with the events that can never be published.
/// </summary>
static class RelayTables
{
    public static ISchemaObject[] Schema(string schema) => [Cursor(schema), Unpublishable(schema)];

    static Table Cursor(string schema)
    {
        var table = new Table(Name(schema, "relay_cursor"));
        table.AddColumn<string>("name").AsPrimaryKey();
        table.AddColumn<long>("position").NotNull();
        table.AddColumn<DateTimeOffset>("moved_at").NotNull();
        return table;
    }

    static Table Unpublishable(string schema)
    {
        var table = new Table(Name(schema, "unpublishable_event"));
        table.AddColumn<long>("seq_id").AsPrimaryKey();
        table.AddColumn<string>("stream_id");
        table.AddColumn<string>("type").NotNull();
        table.AddColumn<string>("reason").NotNull();
        table.AddColumn<DateTimeOffset>("given_up_at").NotNull();
        return table;
    }

    static PostgresqlObjectName Name(string schema, string table) =>
        new(schema, table, SchemaUtils.IdentifierUsage.General);
}
