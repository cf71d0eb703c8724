using System.CommandLine;

namespace Nightshift.Cli.Client;

/// <summary>What a command has at hand.</summary>
/// <param name="Parsed">Its command line.</param>
/// <param name="Api">The gateway.</param>
/// <param name="Out">Where its answer goes.</param>
/// <param name="Error">Where warnings go.</param>
/// <param name="Clock">The clock.</param>
public sealed record ClientContext(ParseResult Parsed, Api Api, TextWriter Out, TextWriter Error, TimeProvider Clock)
{
    /// <summary>True when the answer is to be JSON.</summary>
    public bool Json => Parsed.GetValue(ClientCommand.JsonOption);

    public string Value(Argument<string> argument) => Parsed.GetRequiredValue(argument);
}

/// <summary>
/// Makes commands that ask the gateway: the same options, the same exit codes, the same way to say no.
/// </summary>
public static class ClientCommand
{
    public static readonly Option<bool> JsonOption = new("--json") { Description = "Print the answer as JSON." };

    /// <param name="name">The command's name.</param>
    /// <param name="description">One line for its help.</param>
    /// <param name="symbols">Its own arguments and options.</param>
    /// <param name="run">Does it and returns one of <see cref="ExitCodes"/>.</param>
    public static Command Create(
        string name,
        string description,
        IReadOnlyList<Symbol> symbols,
        Func<ClientContext, CancellationToken, Task<int>> run
    )
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        command.Add(JsonOption);
        command.Add(Endpoint.UrlOption);
        command.Add(Endpoint.TokenOption);
        command.SetAction(
            (parsed, cancellationToken) =>
                Answer(
                    parsed,
                    async () =>
                    {
                        using var api = new Api(Endpoint.Find(parsed));
                        return await run(
                            new ClientContext(
                                parsed,
                                api,
                                new TerminalWriter(parsed.InvocationConfiguration.Output),
                                new TerminalWriter(parsed.InvocationConfiguration.Error),
                                TimeProvider.System
                            ),
                            cancellationToken
                        );
                    }
                )
        );
        return command;
    }

    /// <summary>Turns a refusal into its text and its exit code.</summary>
    public static async Task<int> Answer(ParseResult parsed, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (AnswerException no)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(Terminal.Lines(no.Message));
            return no.ExitCode;
        }
    }

    /// <summary>A group of commands.</summary>
    public static Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
            group.Add(command);
        return group;
    }
}
