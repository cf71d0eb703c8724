using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Dags;

/// <summary><c>nightshift dags validate</c>: reads DAG files as the scheduler does. Needs no running system.</summary>
public static class ValidateCommand
{
    static readonly Argument<string[]> Files = new("file")
    {
        Description = "DAG files, folders with DAG files, or - for standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create()
    {
        var validate = new Command(
            "validate",
            "Check DAG files without a running system, for editors and CI. Exits with 1 when a file has a mistake."
        )
        {
            Files,
            ClientCommand.JsonOption,
        };
        validate.SetAction(Run);
        return validate;
    }

    static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var files = new List<ValidatedFile>();
        foreach (var name in parsed.GetRequiredValue(Files).SelectMany(DagFilePaths.In))
            files.Add(ValidatedFile.Of(name, await DagFilePaths.Read(name, cancellationToken)));
        files = [.. ValidatedFile.WithRepeatedNames(files)];
        var output = new TerminalWriter(parsed.InvocationConfiguration.Output);
        await output.WriteAsync(parsed.GetValue(ClientCommand.JsonOption) ? Json(files) : Text(files));
        return files.All(x => x.Mistakes.Count == 0) ? ExitCodes.Ok : ExitCodes.Failed;
    }

    static string Text(IReadOnlyList<ValidatedFile> files)
    {
        var mistakes = files.Sum(x => x.Mistakes.Count);
        return string.Concat(files.SelectMany(x => x.Lines()).Select(x => x + "\n"))
            + (mistakes > 0 ? $"{Counted(mistakes, "mistake")} in {Counted(files.Count, "file")}." : Good(files.Count))
            + "\n";
    }

    static string Good(int files) => files == 1 ? "The file is good." : $"All {files} files are good.";

    static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    static string Json(IReadOnlyList<ValidatedFile> files) =>
        JsonSerializer
            .SerializeToElement(
                new
                {
                    valid = files.All(x => x.Mistakes.Count == 0),
                    files = files.Select(x => new
                    {
                        file = x.File,
                        valid = x.Mistakes.Count == 0,
                        dag_id = x.Spec?.DagId,
                        version = x.Spec?.Version(),
                        mistakes = x.Mistakes.Select(y => new
                        {
                            line = y.Line,
                            column = y.Column,
                            text = y.Text,
                        }),
                    }),
                }
            )
            .Pretty() + "\n";
}
