using System.CommandLine;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs clear</c></summary>
public static class ClearCommand
{
    public static Command Create()
    {
        var options = new InterventionOptions();
        var tasks = new Option<string[]>("--task", "-t")
        {
            Description =
                "Only this task of the run, the tasks of this group, or this instance of a mapped task: load[3]. May be "
                + "given several times.",
            HelpName = "task",
            DefaultValueFactory = _ => [],
        };
        var onlyFailed = new Option<bool>("--only-failed")
        {
            Description = "Of these only tasks that failed, or were given up or cancelled.",
        };
        var onlyRunning = new Option<bool>("--only-running") { Description = "Of these only tasks that run." };
        var latest = new Option<bool>("--latest")
        {
            Description =
                "Go on with the newest version of the DAG: its new tasks are added, those it lost do not run.",
        };
        var command = ClientCommand
            .Create(
                "clear",
                "Run tasks of a run again. Attempts go on counting; those that run are stopped.",
                [
                    options.Run,
                    tasks,
                    options.Upstream,
                    options.Downstream,
                    options.Past,
                    options.Future,
                    onlyFailed,
                    onlyRunning,
                    latest,
                    options.Note,
                    options.DryRun,
                    options.Yes,
                ],
                async (x, cancellationToken) =>
                {
                    var run = await RunCommands.Find(x.Api, x.Value(options.Run), cancellationToken);
                    var body = new Dictionary<string, object?>
                    {
                        ["dag_run_id"] = run.Text("dag_run_id"),
                        ["task_ids"] = x.Parsed.GetValue(tasks) is { Length: > 0 } names ? names : null,
                        ["include_upstream"] = x.Parsed.GetValue(options.Upstream),
                        ["include_downstream"] = x.Parsed.GetValue(options.Downstream),
                        ["include_past"] = x.Parsed.GetValue(options.Past),
                        ["include_future"] = x.Parsed.GetValue(options.Future),
                        ["only_failed"] = x.Parsed.GetValue(onlyFailed),
                        ["only_running"] = x.Parsed.GetValue(onlyRunning),
                        ["run_on_latest_version"] = x.Parsed.GetValue(latest),
                        ["note"] = x.Parsed.GetValue(options.Note),
                    };
                    var path = $"api/v2/dags/{Uri.EscapeDataString(run.Text("dag_id"))}/clearTaskInstances";
                    var key = Guid.NewGuid().ToString("N");
                    return await options.Apply(
                        x,
                        "Clear",
                        "cleared",
                        dryRun =>
                            x.Api.Post(
                                path,
                                new Dictionary<string, object?>(body) { ["dry_run"] = dryRun },
                                key,
                                cancellationToken
                            ),
                        cancellationToken
                    );
                }
            )
            .RequireAnswerForJson(options.Yes, options.DryRun);
        command.Validators.Add(x =>
        {
            if (x.GetValue(onlyFailed) && x.GetValue(onlyRunning))
                x.AddError("--only-failed and --only-running exclude each other; write one of them");
        });
        return command;
    }
}
