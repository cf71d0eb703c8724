using System.CommandLine;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Backfills;

/// <summary><c>nightshift backfill</c></summary>
public static class BackfillCommands
{
    public static Command Create() =>
        ClientCommand.Group(
            "backfill",
            "Make the runs of a time that is past.",
            CreateBackfillCommand.Create(),
            List(),
            Show(),
            Change("pause", "Make no further runs for now; those under way go on."),
            Change("unpause", "Go on with a backfill that was paused."),
            Change("cancel", "End a backfill; its runs under way go on.")
        );

    static Command List()
    {
        var list = new ListOptions()
            .Text("--dag", "dag_id", "Only backfills of this DAG.", "dag")
            .OrderBy("created_at");
        return ClientCommand.Create(
            "list",
            "List backfills, newest first.",
            list.Symbols,
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"api/v2/backfills?{list.Query(x.Parsed)}", cancellationToken);
                await x.Out.WriteAsync(x.Json ? answer.Pretty() + "\n" : BackfillText.List(answer.Items("backfills")));
                return ExitCodes.Ok;
            }
        );
    }

    static Command Show()
    {
        var id = IdArgument();
        return ClientCommand.Create(
            "show",
            "Show one backfill and how far it has come.",
            [id],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"api/v2/backfills/{x.Parsed.GetValue(id)}", cancellationToken);
                await x.Out.WriteAsync(x.Json ? answer.Pretty() + "\n" : BackfillText.Of(answer));
                return ExitCodes.Ok;
            }
        );
    }

    static Command Change(string verb, string description)
    {
        var id = IdArgument();
        return ClientCommand.Create(
            verb,
            description,
            [id],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Put($"api/v2/backfills/{x.Parsed.GetValue(id)}/{verb}", cancellationToken);
                await x.Out.WriteLineAsync(x.Json ? answer.Pretty() : BackfillText.State(answer));
                return ExitCodes.Ok;
            }
        );
    }

    static Argument<long> IdArgument() => new("backfill") { Description = "The backfill's number." };
}
