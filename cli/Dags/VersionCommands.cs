using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.Cli.Replay;

namespace Nightshift.Cli.Dags;

/// <summary><c>nightshift dags versions</c> and <c>nightshift dags diff</c></summary>
public static class VersionCommands
{
    public static Command Versions()
    {
        var dag = DagCommands.DagArgument();
        return ClientCommand.Create(
            "versions",
            "List the versions a DAG has had, newest first.",
            [dag],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"{PathOf(x.Value(dag))}?limit=1000", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["version", "live since", "hash", "file"],
                            answer
                                .Items("dag_versions")
                                .Select(v =>
                                    new[]
                                    {
                                        v.Text("version_number"),
                                        v.LocalTime("created_at"),
                                        v.Text("id"),
                                        v.Text("file_loc"),
                                    }
                                )
                        )
                );
                return ExitCodes.Ok;
            }
        );
    }

    public static Command Diff()
    {
        var dag = DagCommands.DagArgument();
        var from = Version("from", "The version before; by default the one in front of the other.");
        var to = Version("to", "The version after; by default the newest.");
        return ClientCommand.Create(
            "diff",
            "Show what differs between two versions of a DAG; exits with 1 when anything does.",
            [dag, from, to],
            async (x, cancellationToken) =>
            {
                var path = PathOf(x.Value(dag));
                var newest = await x.Api.Get($"{path}?limit=1", cancellationToken);
                var after = x.Parsed.GetValue(to) ?? newest.At("total_entries").GetInt32();
                var before = x.Parsed.GetValue(from) is { } since ? $"?since={since}" : "";
                var answer = await x.Api.Get($"{path}/{after}/changes{before}", cancellationToken);
                await x.Out.WriteAsync(x.Json ? answer.Pretty() + "\n" : Text(answer));
                return answer.Items("changes").Any() ? ExitCodes.Failed : ExitCodes.Ok;
            }
        );
    }

    static string Text(JsonElement answer)
    {
        var versions = $"{answer.Text("dag_id")}: version {answer.Text("from")} -> {answer.Text("to")}";
        var changes = Change.In(answer).Select(x => $"  {ReplayText.Line(x)}\n").DefaultIfEmpty("  no difference\n");
        return $"{Terminal.Value(versions)}\n{string.Concat(changes)}";
    }

    static Argument<int?> Version(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    static string PathOf(string dag) => $"api/v2/dags/{Uri.EscapeDataString(dag)}/dagVersions";
}
