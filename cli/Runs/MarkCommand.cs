using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs mark</c></summary>
public static class MarkCommand
{
    public static Command Create()
    {
        var (options, task) = (new InterventionOptions(), InterventionOptions.TaskOption());
        var state = new Argument<string>("state") { Description = "success or failed; skipped with --task." };
        state.AcceptOnlyFromAmong("success", "failed", "skipped");
        Option<bool>[] further = [options.Upstream, options.Downstream, options.Past, options.Future];
        var command = ClientCommand
            .Create(
                "mark",
                "Give a run, or tasks of it, another state. What was given up behind a task goes on.",
                [options.Run, state, task, .. further, options.Note, options.DryRun, options.Yes],
                (x, cancellationToken) => Mark(x, options, state, task, cancellationToken)
            )
            .RequireAnswerForJson(options.Yes, options.DryRun);
        command.Validators.Add(x =>
        {
            if (x.GetValue(task) is not null)
                return;
            if (x.GetResult(state) is { Tokens: [{ Value: "skipped" }] })
                x.AddError("A run cannot be skipped; write success or failed, or name a task with --task");
            if (further.FirstOrDefault(o => x.GetValue(o)) is { } option)
                x.AddError($"{option.Name} needs --task");
        });
        return command;
    }

    static async Task<int> Mark(
        ClientContext x,
        InterventionOptions options,
        Argument<string> state,
        Option<string?> task,
        CancellationToken cancellationToken
    )
    {
        var run = await RunCommands.Find(x.Api, x.Value(options.Run), cancellationToken);
        var (path, marked, note) = (RunCommands.PathOf(run), x.Value(state), x.Parsed.GetValue(options.Note));
        Func<bool, Task<JsonElement>> apply = x.Parsed.GetValue(task) is not { } name
            ? dryRun =>
                x.Api.Patch(path, Fields(("state", marked), ("note", note), ("dry_run", dryRun)), cancellationToken)
            : dryRun =>
                x.Api.Patch(
                    $"{path}/taskInstances/{Uri.EscapeDataString(name)}{(dryRun ? "/dry_run" : "")}",
                    Fields(
                        ("new_state", marked),
                        ("note", note),
                        ("include_upstream", x.Parsed.GetValue(options.Upstream)),
                        ("include_downstream", x.Parsed.GetValue(options.Downstream)),
                        ("include_past", x.Parsed.GetValue(options.Past)),
                        ("include_future", x.Parsed.GetValue(options.Future))
                    ),
                    cancellationToken
                );
        return await options.Apply(x, $"Mark {marked}", $"marked {marked}", apply, cancellationToken);
    }

    static Dictionary<string, object> Fields(params (string Name, object? Value)[] fields) =>
        fields.Where(x => x.Value is not null).ToDictionary(x => x.Name, x => x.Value!);
}
