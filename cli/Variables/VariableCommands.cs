using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Variables;

/// <summary><c>nightshift variables</c></summary>
public static class VariableCommands
{
    /// <summary>Where the API has them.</summary>
    internal const string Path = "api/v2/variables";

    public static Command Create() =>
        ClientCommand.Group(
            "variables",
            "See and change variables: values that templates of all DAGs name as var.KEY.",
            List(),
            Get(),
            Set(),
            Delete(),
            VariableFileCommands.Import(),
            VariableFileCommands.Export()
        );

    static Command List()
    {
        var pattern = new Option<string?>("--pattern")
        {
            Description = "Only keys that are like this: % is any text, _ any character; not case-sensitive.",
        };
        return ClientCommand.Create(
            "list",
            "List variables.",
            [pattern],
            async (x, cancellationToken) =>
            {
                var variables = await All(x.Api, x.Parsed.GetValue(pattern), cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? JsonSerializer.SerializeToElement(new { variables }).Pretty() + "\n"
                        : Columns.Of(
                            ["variable", "value", "description"],
                            variables.Select(v =>
                                new[] { v.Text("key"), Short(v.Text("value")), v.Text("description") }
                            )
                        )
                );
                return ExitCodes.Ok;
            }
        );
    }

    static Command Get()
    {
        var key = KeyArgument();
        return ClientCommand.Create(
            "get",
            "Print the value of a variable.",
            [key],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get(PathOf(x.Value(key)), cancellationToken);
                await x.Out.WriteLineAsync(x.Json ? answer.Pretty() : answer.Text("value"));
                return ExitCodes.Ok;
            }
        );
    }

    static Command Set()
    {
        var key = KeyArgument();
        var value = new Argument<string>("value")
        {
            Description = "Its value: a text. Of a JSON object or list, templates see the members.",
        };
        var description = new Option<string?>("--description") { Description = "What it is for." };
        return ClientCommand.Create(
            "set",
            "Make a variable, or change one.",
            [key, value, description],
            async (x, cancellationToken) =>
            {
                var variable = new
                {
                    key = x.Value(key),
                    value = x.Value(value),
                    description = x.Parsed.GetValue(description),
                };
                var answer =
                    await x.Api.TryPatch(PathOf(variable.key), variable, cancellationToken)
                    ?? await x.Api.Post(Path, variable, cancellationToken);
                await x.Out.WriteLineAsync(x.Json ? answer.Pretty() : $"Variable {answer.Text("key")} is set.");
                return ExitCodes.Ok;
            }
        );
    }

    static Command Delete()
    {
        var key = KeyArgument();
        return ClientCommand.Create(
            "delete",
            "Delete a variable. A task that names it and has no default for it fails.",
            [key],
            async (x, cancellationToken) =>
            {
                await x.Api.Delete(PathOf(x.Value(key)), cancellationToken);
                await x.Out.WriteLineAsync(
                    x.Json
                        ? JsonSerializer.SerializeToElement(new { key = x.Value(key), deleted = true }).Pretty()
                        : $"Variable {x.Value(key)} is deleted."
                );
                return ExitCodes.Ok;
            }
        );
    }

    /// <summary>All variables, however many pages they are.</summary>
    internal static async Task<IReadOnlyList<JsonElement>> All(
        Api api,
        string? pattern,
        CancellationToken cancellationToken
    )
    {
        const int PageSize = 1000;
        var (all, filter) = (
            new List<JsonElement>(),
            pattern is null ? "" : $"&variable_key_pattern={Uri.EscapeDataString(pattern)}"
        );
        while (true)
        {
            var page = await api.Get($"{Path}?limit={PageSize}&offset={all.Count}{filter}", cancellationToken);
            var before = all.Count;
            all.AddRange(page.Items("variables"));
            if (all.Count - before < PageSize)
                return all;
        }
    }

    static Argument<string> KeyArgument() => new("key") { Description = "The variable's key." };

    static string PathOf(string key) => $"{Path}/{Uri.EscapeDataString(key)}";

    static string Short(string value) => Terminal.Excerpt(value, 60);
}
