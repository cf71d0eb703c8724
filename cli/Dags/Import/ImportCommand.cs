using System.CommandLine;
using Nightshift.Cli.Client;
using Nightshift.Cli.Dags.Import.Airflow;
using Nightshift.Cli.Dags.Import.Crontab;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Dags.Import;

/// <summary><c>nightshift dags import</c>: DAG files from what another scheduler runs. Needs no running
/// system.</summary>
public static class ImportCommand
{
    static readonly Option<string?> To = new("--to")
    {
        Description = "The folder for the files; the DAGs folder when not given, where they are live at once.",
        HelpName = "folder",
    };

    static readonly Option<bool> Force = new("--force") { Description = "Replace files that are there already." };

    static readonly Option<bool> DryRun = new("--dry-run") { Description = "Print the files and write none." };

    static readonly Option<string?> Image = new("--image")
    {
        Description = "The image of tasks that name none, instead of the toolbox.",
        HelpName = "name",
    };

    public static Command Create() =>
        ClientCommand.Group(
            "import",
            "Make DAG files of what Airflow or cron runs. Exits with 5 when something was left out.",
            AirflowCommand(),
            CrontabCommand()
        );

    static Command AirflowCommand()
    {
        var files = new Argument<string[]>("file")
        {
            Description =
                "Serialised DAGs, or the answers of /api/v2/dags/{id}/details and /tasks; - for standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        return Command(
            "airflow",
            "Make DAG files of Airflow's DAGs in JSON.",
            [files],
            (parsed, image) =>
                AirflowImport.Of(
                    [.. parsed.GetRequiredValue(files).Select(x => (x == "-" ? "stdin" : x, SourceFile.Read(x)))],
                    image,
                    TimeProvider.System.GetUtcNow()
                )
        );
    }

    static Command CrontabCommand()
    {
        var file = new Argument<string>("file") { Description = "What 'crontab -l' prints; - for standard input." };
        var system = new Option<bool>("--system")
        {
            Description = "The lines name a user after the times, as in /etc/crontab and /etc/cron.d.",
        };
        var timezone = new Option<string>("--timezone")
        {
            Description = "The zone of times without CRON_TZ; this machine's when not given.",
            HelpName = "name",
            DefaultValueFactory = _ => TimeProvider.System.LocalTimeZone.Id,
        };
        return Command(
            "crontab",
            "Make a DAG file of each line of a crontab.",
            [file, system, timezone],
            (parsed, image) =>
                CrontabImport.Of(
                    SourceFile.Read(parsed.GetRequiredValue(file)),
                    parsed.GetValue(system),
                    parsed.GetValue(timezone)!,
                    image
                )
        );
    }

    static Command Command(
        string name,
        string description,
        IReadOnlyList<Symbol> symbols,
        Func<ParseResult, string?, ImportResult> import
    )
    {
        var command = new Command(name, description) { To, Force, DryRun, Image, ClientCommand.JsonOption };
        foreach (var symbol in symbols)
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        command.SetAction(
            async (parsed, cancellationToken) =>
                await Run(parsed, import(parsed, parsed.GetValue(Image)), cancellationToken)
        );
        return command;
    }

    static async Task<int> Run(ParseResult parsed, ImportResult result, CancellationToken cancellationToken)
    {
        var (folder, dry) = (Path.GetFullPath(parsed.GetValue(To) ?? DagsFolder()), parsed.GetValue(DryRun));
        cancellationToken.ThrowIfCancellationRequested();
        if (!dry)
            new DagFolderWriter(folder, parsed.GetValue(Force)).Write(result.Dags);
        var report = new ImportReport(result, folder, written: !dry);
        var (output, error) = (
            new TerminalWriter(parsed.InvocationConfiguration.Output),
            new TerminalWriter(parsed.InvocationConfiguration.Error)
        );
        if (parsed.GetValue(ClientCommand.JsonOption))
            await output.WriteAsync(report.Json());
        else if (dry)
        {
            await output.WriteAsync(report.Files());
            await error.WriteAsync(report.Text());
        }
        else
            await output.WriteAsync(report.Text());
        return !result.HasFiles ? ExitCodes.Failed
            : result.IsComplete ? ExitCodes.Ok
            : ExitCodes.Incomplete;
    }

    // As 'up' finds it.
    static string DagsFolder()
    {
        var checkout = Home.Find().Checkout;
        SettingsFile.Apply(Path.Combine(checkout, "settings.env"));
        return Path.GetFullPath(Environment.GetEnvironmentVariable("Nightshift__DagsDirectory") ?? "dags", checkout);
    }
}
