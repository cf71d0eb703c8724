using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs watch</c></summary>
public static class WatchCommand
{
    public static Command Create()
    {
        var run = new Argument<string?>("run")
        {
            Description = "The run's id. Otherwise the newest run.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return ClientCommand.Create(
            "watch",
            "Follow a run and its logs until it has ended. Exits with 1 when it failed.",
            [run],
            async (x, cancellationToken) =>
            {
                var found = x.Parsed.GetValue(run) is { } id
                    ? await RunCommands.Find(x.Api, id, cancellationToken)
                    : await Newest(x.Api, cancellationToken);
                return await new Watch(x, found).Run(cancellationToken);
            }
        );
    }

    static async Task<JsonElement> Newest(Api api, CancellationToken cancellationToken)
    {
        var runs = (await api.Get("api/v2/dags/~/dagRuns?limit=1&order_by=-queued_at", cancellationToken))
            .Items("dag_runs")
            .ToArray();
        return runs is [var newest, ..]
            ? newest
            : throw new AnswerException(
                ExitCodes.Failed,
                "There is no run yet. Start one: ./nightshift dags trigger hello"
            );
    }
}
