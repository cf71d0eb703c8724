using System.CommandLine;
using Nightshift.Cli.Client;
using Nightshift.Cli.Dags;

namespace Nightshift.Cli.Backfills;

/// <summary><c>nightshift backfill create</c></summary>
public static class CreateBackfillCommand
{
    public static Command Create()
    {
        var dag = DagCommands.DagArgument();
        var from = DagInstant.Option("--from", "The first logical date wanted.");
        var to = DagInstant.Option("--to", "The last logical date wanted, itself included.");
        (from.Required, to.Required) = (true, true);
        var backwards = new Option<bool>("--backwards") { Description = "Run the latest date first." };
        var reprocess = new Option<string>("--reprocess")
        {
            Description = "Which dates that have a run already are run again.",
            DefaultValueFactory = _ => "none",
        };
        reprocess.AcceptOnlyFromAmong("none", "failed", "completed");
        var most = new Option<int>("--max-active-runs")
        {
            Description = "Runs under way at the same time, 1 to 1000.",
            DefaultValueFactory = _ => 10,
        };
        var param = TriggerCommand.ParamOption();
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what it would do, and do nothing." };
        return ClientCommand.Create(
            "create",
            "Make the runs of a DAG's schedule from one date to another, paused or not.",
            [dag, from, to, backwards, reprocess, most, param, dryRun],
            async (x, cancellationToken) =>
            {
                var path = $"api/v2/dags/{Uri.EscapeDataString(x.Value(dag))}";
                var dagNow = await x.Api.Get(path, cancellationToken);
                var body = new
                {
                    dag_id = x.Value(dag),
                    from_date = DagInstant.Of(x.Parsed.GetValue(from), dagNow),
                    to_date = DagInstant.Of(x.Parsed.GetValue(to), dagNow),
                    run_backwards = x.Parsed.GetValue(backwards),
                    reprocess_behavior = x.Parsed.GetValue(reprocess),
                    max_active_runs = x.Parsed.GetValue(most),
                    dag_run_conf = TriggerCommand.Conf(x.Parsed.GetValue(param) ?? [], dagNow),
                };
                var dry = x.Parsed.GetValue(dryRun);
                var answer = await x.Api.Post(
                    dry ? "api/v2/backfills/dry_run" : "api/v2/backfills",
                    body,
                    cancellationToken
                );
                await x.Out.WriteLineAsync(
                    x.Json ? answer.Pretty()
                    : dry ? BackfillText.DryRun(answer)
                    : BackfillText.State(answer) + $"\nLook at it: ./nightshift backfill show {answer.Text("id")}"
                );
                return ExitCodes.Ok;
            }
        );
    }
}
