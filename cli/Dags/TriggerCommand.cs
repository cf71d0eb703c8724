using System.CommandLine;
using Nightshift.Cli.Client;

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
                    conf = Conf(x.Parsed.GetValue(param) ?? []),
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
            Description = "A value for one of the DAG's params. May be given several times.",
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

    /// <summary><c>name=value</c> pairs; the last of a name wins, and a value may contain <c>=</c>.</summary>
    public static IReadOnlyDictionary<string, string> Conf(IEnumerable<string> pairs)
    {
        var conf = new Dictionary<string, string>();
        foreach (var pair in pairs)
            conf[pair[..pair.IndexOf('=', StringComparison.Ordinal)]] = pair[
                (pair.IndexOf('=', StringComparison.Ordinal) + 1)..
            ];
        return conf;
    }

    static bool Valid(string pair) => pair.IndexOf('=', StringComparison.Ordinal) > 0;
}
