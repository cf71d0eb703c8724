using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary>What the commands that change runs have in common.</summary>
sealed record InterventionOptions
{
    public Argument<string> Run { get; } = RunCommands.RunArgument();

    public Option<bool> Upstream { get; } = new("--upstream") { Description = "Also every task before it." };
    public Option<bool> Downstream { get; } = new("--downstream") { Description = "Also every task behind it." };
    public Option<bool> Past { get; } = new("--past") { Description = "Also in the runs of earlier logical dates." };
    public Option<bool> Future { get; } = new("--future") { Description = "Also in the runs of later logical dates." };

    public Option<string?> Note { get; } =
        new("--note", "-m") { Description = "Why, for the record; at most 1000 characters.", HelpName = "text" };

    public Option<bool> Yes { get; } = Confirmation.YesOption();
    public Option<bool> DryRun { get; } = Confirmation.DryRunOption();

    /// <summary>One task, or the tasks of a group.</summary>
    public static Option<string?> TaskOption() =>
        new("--task", "-t")
        {
            Description = "Only this task of the run, the tasks of this group, or one instance of a task: load[3].",
            HelpName = "task",
        };

    /// <summary>Shows the tasks, asks, and does it.</summary>
    /// <param name="x">The command.</param>
    /// <param name="verb">What is done: <c>Clear</c>.</param>
    /// <param name="done">What was done: <c>cleared</c>.</param>
    /// <param name="apply">Sends the request, a dry run or the real one, and gives back the tasks concerned.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<int> Apply(
        ClientContext x,
        string verb,
        string done,
        Func<bool, Task<JsonElement>> apply,
        CancellationToken cancellationToken
    )
    {
        var (dryRun, yes) = (x.Parsed.GetValue(DryRun), x.Parsed.GetValue(Yes));
        if (dryRun || !yes)
        {
            var planned = await apply(true);
            if (x.Json)
            {
                await x.Out.WriteLineAsync(planned.Pretty());
                return ExitCodes.Ok;
            }
            var tasks = planned.Items("task_instances").ToList();
            await x.Out.WriteAsync(Text(planned, done, dryRun: true));
            if (dryRun || tasks.Count == 0)
                return ExitCodes.Ok;
            await Confirmation.Ask(x, $"{verb} {Count(tasks)}", cancellationToken);
        }
        var answer = await apply(false);
        await x.Out.WriteLineAsync(x.Json ? answer.Pretty() : Said(answer, done));
        return ExitCodes.Ok;
    }

    /// <summary>An answer for people: the tasks that would be concerned, or what was done.</summary>
    public static string Text(JsonElement answer, string done, bool dryRun)
    {
        if (!dryRun)
            return Said(answer, done) + "\n";
        var tasks = answer.Items("task_instances").ToList();
        return tasks.Count == 0 ? $"There is nothing to be {done}.\n" : Table(tasks);
    }

    static string Said(JsonElement answer, string done)
    {
        if (answer.At("task_instances").ValueKind is not JsonValueKind.Array) // a run
            return $"{answer.Text("dag_run_id")} is {answer.Text("state")}.";
        var tasks = answer.Items("task_instances").ToList();
        return tasks.Count == 0 ? $"There was nothing to be {done}." : $"{Count(tasks)} {done}.";
    }

    static string Count(List<JsonElement> tasks)
    {
        var runs = tasks.Select(x => x.Text("dag_run_id")).Distinct().ToList();
        return $"{tasks.Count} {(tasks.Count == 1 ? "task" : "tasks")} of "
            + (runs.Count == 1 ? runs[0] : $"{runs.Count} runs");
    }

    static string Table(IEnumerable<JsonElement> tasks) =>
        Columns.Of(
            ["run", "task", "state", "try"],
            tasks.Select(t => new[] { t.Text("dag_run_id"), TaskName.Of(t), t.Text("state"), t.Text("try_number") })
        );
}
