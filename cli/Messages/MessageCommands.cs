using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Messages;

/// <summary><c>nightshift messages</c>: what the services have given up.</summary>
public static class MessageCommands
{
    static readonly string[] Services = ["scheduler", "executor", "webhooks", "healer", "escalation"];

    public static Command Create() =>
        ClientCommand.Group(
            "messages",
            "See messages and events that a service has given up, and decide what becomes of them.",
            List(),
            Act("retry", "Handle or publish a given-up message again.", "retried"),
            Act("discard", "Remove a given-up message for good.", "discarded")
        );

    static Command List()
    {
        var givenUp = new Option<bool>("--given-up")
        {
            Description = "Only those that were given up; there are no others to list yet.",
        };
        return ClientCommand.Create(
            "list",
            "List given-up messages of all services, the oldest of each queue first.",
            [givenUp],
            async (x, cancellationToken) =>
            {
                var (answers, exitCode) = await AskAll(x, cancellationToken);
                await x.Out.WriteAsync(x.Json ? Json(answers).Pretty() + "\n" : Text(answers));
                return exitCode;
            }
        );
    }

    static Command Act(string verb, string description, string done)
    {
        var id = new Argument<string?>("id")
        {
            Description = "The message's id, as list shows it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "All given-up messages of all services." };
        var command = ClientCommand.Create(
            verb,
            description,
            [id, all],
            (x, cancellationToken) => Act(x, verb, done, x.Parsed.GetValue(id), cancellationToken)
        );
        command.Validators.Add(x =>
        {
            if (x.GetValue(all) == x.GetValue(id) is { Length: > 0 })
                x.AddError($"Name one message, or all with --all: nightshift messages {verb} <id>|--all");
        });
        return command;
    }

    static async Task<int> Act(
        ClientContext x,
        string verb,
        string done,
        string? id,
        CancellationToken cancellationToken
    )
    {
        var count = 0;
        foreach (var path in id is null ? Services.Select(s => $"{s}/{verb}") : [PathOf(id, verb)])
        {
            var answer = await x.Api.Post($"api/v2/messages/{path}", new { }, cancellationToken);
            count += int.Parse(answer.Text("count"), CultureInfo.InvariantCulture);
        }
        await x.Out.WriteLineAsync(
            x.Json ? JsonSerializer.SerializeToElement(new { count }).Pretty()
            : count == 1 ? $"1 message {done}."
            : $"{count.ToString(CultureInfo.InvariantCulture)} messages {done}."
        );
        return ExitCodes.Ok;
    }

    static string PathOf(string id, string verb) =>
        id.Split(':')[0] is var service && Services.Contains(service)
            ? $"{service}/{Uri.EscapeDataString(id)}/{verb}"
            : throw new AnswerException(
                ExitCodes.Usage,
                $"'{Terminal.Safe(id)}' is not the id of a given-up message; 'nightshift messages list "
                    + "--given-up' shows them."
            );

    // A service that is down must not hide what the others have given up.
    static async Task<(List<JsonElement> Answers, int ExitCode)> AskAll(
        ClientContext x,
        CancellationToken cancellationToken
    )
    {
        var (answers, exitCode) = (new List<JsonElement>(), ExitCodes.Ok);
        foreach (var service in Services)
            try
            {
                answers.Add(await x.Api.Get($"api/v2/messages/{service}", cancellationToken));
            }
            catch (AnswerException e) when (e.ExitCode is ExitCodes.Failed or ExitCodes.Unreachable)
            {
                await x.Error.WriteLineAsync($"{service}: {e.Message}");
                exitCode = e.ExitCode;
            }
        return (answers, exitCode);
    }

    static JsonElement Json(IReadOnlyList<JsonElement> answers) =>
        JsonSerializer.SerializeToElement(
            new { messages = answers.SelectMany(a => a.Items("messages")), total = Total(answers) }
        );

    static string Text(IReadOnlyList<JsonElement> answers)
    {
        var messages = answers.SelectMany(a => a.Items("messages")).ToList();
        var more = Total(answers) - messages.Count;
        return Columns.Of(
                ["given up", "type", "from", "why", "excerpt", "id"],
                messages.Select(m =>
                    new[]
                    {
                        m.LocalTime("at"),
                        m.Text("type"),
                        m.Text("source"),
                        Short(m.Text("reason"), limit: 80),
                        Short(m.Text("excerpt"), limit: 60),
                        m.Text("id"),
                    }
                )
            ) + (more > 0 ? $"and {more.ToString(CultureInfo.InvariantCulture)} more\n" : "");
    }

    static long Total(IEnumerable<JsonElement> answers) =>
        answers.Sum(a => long.Parse(a.Text("total"), CultureInfo.InvariantCulture));

    static string Short(string text, int limit) => text.Length > limit ? text[..(limit - 1)] + "…" : text;
}
