using System.CommandLine;
using Nightshift.Cli.Client;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags;

/// <summary>
/// <c>nightshift dags schema</c> and <c>nightshift dags fields</c>: what a DAG file may say, for editors and for
/// people. Need no running system.
/// </summary>
public static class FormatCommands
{
    public static Command Schema() =>
        Printed("schema", "Print the JSON Schema of DAG files, for editors.", DagFileSchema.Text);

    public static Command Fields() =>
        Printed("fields", "Print what a DAG file may say, as Markdown.", DagFileReference.Markdown);

    static Command Printed(string name, string description, Func<string> text)
    {
        var command = new Command(name, description);
        command.SetAction(
            async (parsed, _) =>
            {
                await parsed.InvocationConfiguration.Output.WriteAsync(text());
                return ExitCodes.Ok;
            }
        );
        return command;
    }
}
