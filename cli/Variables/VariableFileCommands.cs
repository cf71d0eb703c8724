using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Variables;

/// <summary>
/// <c>nightshift variables import</c> and <c>export</c>. The file is Airflow's: an object of keys and values, in which
/// <c>{"value": …, "description": …}</c> says more of a value.
/// </summary>
public static class VariableFileCommands
{
    const int MostEntities = 1000; // of one request

    static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Import()
    {
        var file = new Argument<string>("file") { Description = "The file; - is standard input." };
        var existing = new Option<string>("--on-existing")
        {
            Description = "What is done with variables that exist.",
            DefaultValueFactory = _ => "overwrite",
        };
        existing.AcceptOnlyFromAmong("overwrite", "skip", "fail");
        return ClientCommand.Create(
            "import",
            "Make variables of a JSON file.",
            [file, existing],
            async (x, cancellationToken) =>
            {
                var entities = Read(await Content(x.Value(file), cancellationToken), x.Value(file));
                if (entities.Count > MostEntities)
                    throw new AnswerException(
                        ExitCodes.Usage,
                        $"{x.Value(file)} has {entities.Count} variables; import at most {MostEntities} at a time"
                    );
                var action = new
                {
                    action = "create",
                    action_on_existence = x.Parsed.GetValue(existing),
                    entities,
                };
                var answer = await x.Api.Patch(
                    VariableCommands.Path,
                    new { actions = new[] { action } },
                    cancellationToken
                );
                var (made, errors) = (
                    answer.At("create").Items("success").Count(),
                    answer.At("create").Items("errors").ToList()
                );
                foreach (var error in errors)
                    await x.Error.WriteLineAsync(error.Text("error"));
                await x.Out.WriteLineAsync(
                    x.Json
                        ? answer.Pretty()
                        : $"{made} of {entities.Count} variables are set{(errors.Count > 0 ? "." : Left(made, entities.Count))}"
                );
                return errors.Count > 0 ? ExitCodes.Failed : ExitCodes.Ok;
            }
        );
    }

    public static Command Export()
    {
        var file = new Argument<string>("file")
        {
            Description = "The file; - is standard output.",
            DefaultValueFactory = _ => "-",
        };
        return ClientCommand.Create(
            "export",
            "Write all variables as JSON.",
            [file],
            async (x, cancellationToken) =>
            {
                var all = await VariableCommands.All(x.Api, pattern: null, cancellationToken);
                var json = new JsonObject(
                    all.Select(v =>
                        KeyValuePair.Create(v.Text("key"), Exported(v.Text("value"), v.Text("description")))
                    )
                );
                var text = json.ToJsonString(Written);
                if (x.Value(file) == "-")
                    await x.Out.WriteLineAsync(text);
                else
                {
                    await File.WriteAllTextAsync(x.Value(file), text + "\n", cancellationToken);
                    await x.Error.WriteLineAsync($"{all.Count} variables are in {x.Value(file)}.");
                }
                return ExitCodes.Ok;
            }
        );
    }

    /// <summary>The variables of a file.</summary>
    /// <exception cref="AnswerException">It is no such file.</exception>
    public static IReadOnlyList<JsonObject> Read(string json, string file)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject variables
                ? [.. variables.Select(x => Entity(x.Key, x.Value))]
                : throw Wrong($"{file} is no JSON object of keys and values");
        }
        catch (Exception e) when (e is JsonException or ArgumentException) // the second for a key that is there twice
        {
            throw Wrong($"{file} is no JSON: {e.Message}");
        }
    }

    static JsonObject Entity(string key, JsonNode? value) =>
        value is JsonObject { Count: 1 or 2 } more
        && more.ContainsKey("value")
        && (more.Count == 1 || more.ContainsKey("description"))
            ? new()
            {
                ["key"] = key,
                ["value"] = more["value"]?.DeepClone(),
                ["description"] = more["description"]?.DeepClone(),
            }
            : new() { ["key"] = key, ["value"] = value?.DeepClone() };

    // Values are texts, so that each comes back as it was.
    static JsonNode? Exported(string value, string description) =>
        description.Length == 0 ? value : new JsonObject { ["value"] = value, ["description"] = description };

    static async Task<string> Content(string file, CancellationToken cancellationToken)
    {
        try
        {
            return file == "-"
                ? await Console.In.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"{file} cannot be read: {e.Message}");
        }
    }

    static string Left(int made, int all) => made == all ? "." : "; the others exist.";

    static AnswerException Wrong(string text) => new(ExitCodes.Usage, text);
}
