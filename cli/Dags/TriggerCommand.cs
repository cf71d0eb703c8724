using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.DagFiles.Schemas;

namespace Nightshift.Cli.Dags;

/// <summary><c>nightshift dags trigger</c></summary>
public static class TriggerCommand
{
    public static Command Create()
    {
        var dag = DagCommands.DagArgument();
        var run = new Option<string?>("--run")
        {
            Description = "A key for the run; the same key again names the same run and starts nothing.",
            HelpName = "key",
        };
        var param = ParamOption();
        var logicalDate = DagInstant.Option(
            "--logical-date",
            "The instant the run stands for; by default when it may start."
        );
        var runAfter = DagInstant.Option("--run-after", "Queue the run and start it then.");
        var note = new Option<string?>("--note") { Description = "A note about the run.", HelpName = "text" };
        return ClientCommand.Create(
            "trigger",
            "Start a run of a DAG.",
            [dag, param, run, logicalDate, runAfter, note],
            async (x, cancellationToken) =>
            {
                var path = $"api/v2/dags/{Uri.EscapeDataString(x.Value(dag))}";
                var dagNow = await x.Api.Get(path, cancellationToken);
                var old = DagText.HasMistake(dagNow);
                var body = new
                {
                    conf = Conf(x.Parsed.GetValue(param) ?? [], dagNow),
                    dag_run_id = x.Parsed.GetValue(run),
                    logical_date = DagInstant.Of(x.Parsed.GetValue(logicalDate), dagNow),
                    run_after = DagInstant.Of(x.Parsed.GetValue(runAfter), dagNow),
                    note = x.Parsed.GetValue(note),
                };
                var (answer, created) = await x.Api.Create($"{path}/dagRuns", body, cancellationToken);
                if (old && created)
                    await x.Error.WriteLineAsync(
                        "The DAG's file has a mistake, so its last good version is started; './nightshift dags errors' shows the mistake."
                    );
                var id = answer.Text("dag_run_id");
                var said = created
                    ? $"{id} is {answer.Text("state")}."
                    : $"{id} existed already and is {answer.Text("state")}; nothing was started.";
                await x.Out.WriteLineAsync(
                    x.Json ? answer.Pretty() : $"{said}\nFollow it: ./nightshift runs watch {id}"
                );
                return ExitCodes.Ok;
            }
        );
    }

    /// <summary>Values for a DAG's params, as <see cref="Conf"/> reads them.</summary>
    internal static Option<string[]> ParamOption()
    {
        var param = new Option<string[]>("--param", "-p")
        {
            Description =
                "A value for one of the DAG's params: text, or JSON where its schema wants no text. May be given "
                + "several times.",
            HelpName = "name=value",
            DefaultValueFactory = _ => [],
        };
        param.Validators.Add(x =>
        {
            foreach (var token in x.Tokens.Where(t => !Valid(t.Value)))
                x.AddError($"--param is '{token.Value}'; write name=value");
        });
        return param;
    }

    /// <summary>
    /// <c>name=value</c> pairs; the last of a name wins, and a value may contain <c>=</c>. A value is text, unless its
    /// param's schema takes no such text and the value is JSON that fits.
    /// </summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="dag">The DAG as the API answers it.</param>
    public static IReadOnlyDictionary<string, JsonElement> Conf(IEnumerable<string> pairs, JsonElement dag)
    {
        var conf = new Dictionary<string, JsonElement>();
        foreach (var pair in pairs)
        {
            var name = pair[..pair.IndexOf('=', StringComparison.Ordinal)];
            var text = pair[(name.Length + 1)..];
            conf[name] =
                dag.At("params").At(name).At("schema") is { ValueKind: JsonValueKind.Object } schema
                && schema.EnumerateObject().Any()
                    ? ValueSchema.Of(schema).Read(name, text, out _)
                    : JsonSerializer.SerializeToElement(text);
        }
        return conf;
    }

    static bool Valid(string pair) => pair.IndexOf('=', StringComparison.Ordinal) > 0;
}
