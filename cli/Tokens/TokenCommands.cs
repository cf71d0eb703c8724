using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nightshift.Cli.Client;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Tokens;

/// <summary>
/// <c>nightshift tokens</c>: edits the file the gateway reads, on the machine it runs on. The gateway notices at once.
/// </summary>
public static partial class TokenCommands
{
    public static Command Create() =>
        ClientCommand.Group(
            "tokens",
            "Make and revoke tokens, on the machine that runs Nightshift.",
            Make(),
            List(),
            Revoke()
        );

    static Command Make()
    {
        var name = NameArgument();
        name.Validators.Add(x =>
        {
            if (x.Tokens is [{ Value: var given }] && !Name().IsMatch(given))
                x.AddError($"The name is '{given}'; use up to 64 letters, digits, '.', '_' and '-'");
        });
        var role = new Option<string>("--role")
        {
            Description = "viewer looks, operator also starts and acknowledges, admin also discards and removes.",
            DefaultValueFactory = _ => "viewer",
        };
        role.AcceptOnlyFromAmong("viewer", "operator", "admin");
        return Local(
            "create",
            "Make a token. It is printed once and kept nowhere.",
            [name, role],
            (parsed, home, output) =>
            {
                var (wanted, token) = (parsed.GetRequiredValue(name), $"ns_{Secrets.Random()}");
                var known = Access.Stored(home);
                if (known.Any(x => x.Name == wanted))
                    throw new AnswerException(
                        ExitCodes.Failed,
                        $"There is a token '{wanted}' already. Choose another name, or first: ./nightshift "
                            + $"tokens revoke {wanted}"
                    );
                var made = new StoredToken(
                    wanted,
                    parsed.GetRequiredValue(role),
                    Access.Hash(token),
                    TimeProvider.System.GetUtcNow()
                );
                Access.Store(home.Prepare(), [.. known, made]);
                output.WriteLine(
                    parsed.GetValue(ClientCommand.JsonOption)
                        ? JsonSerializer
                            .SerializeToElement(
                                new
                                {
                                    name = made.Name,
                                    role = made.Role,
                                    token,
                                }
                            )
                            .Pretty()
                        : token
                );
            }
        );
    }

    static Command List() =>
        Local(
            "list",
            "List the tokens there are.",
            [],
            (parsed, home, output) =>
                output.Write(
                    parsed.GetValue(ClientCommand.JsonOption)
                        ? JsonSerializer
                            .SerializeToElement(
                                Access
                                    .Stored(home)
                                    .Select(x => new
                                    {
                                        name = x.Name,
                                        role = x.Role,
                                        createdAt = x.CreatedAt,
                                    })
                            )
                            .Pretty() + "\n"
                        : Columns.Of(
                            ["name", "role", "created"],
                            Access
                                .Stored(home)
                                .Select(x =>
                                    new[]
                                    {
                                        x.Name,
                                        x.Role,
                                        x
                                            .CreatedAt.ToLocalTime()
                                            .ToString(JsonText.Instant, CultureInfo.InvariantCulture),
                                    }
                                )
                        )
                )
        );

    static Command Revoke()
    {
        var name = NameArgument();
        return Local(
            "revoke",
            "Make a token worthless, at once.",
            [name],
            (parsed, home, output) =>
            {
                var (unwanted, known) = (parsed.GetRequiredValue(name), Access.Stored(home));
                if (!known.Any(x => x.Name == unwanted))
                    throw new AnswerException(
                        ExitCodes.Failed,
                        $"There is no token '{unwanted}'. './nightshift tokens list' shows those there are."
                    );
                Access.Store(home, [.. known.Where(x => x.Name != unwanted)]);
                output.WriteLine(
                    parsed.GetValue(ClientCommand.JsonOption)
                        ? JsonSerializer.SerializeToElement(new { revoked = unwanted }).Pretty()
                        : $"'{unwanted}' is revoked."
                );
            }
        );
    }

    static Command Local(
        string name,
        string description,
        IReadOnlyList<Symbol> symbols,
        Action<ParseResult, Home, TextWriter> run
    )
    {
        var command = new Command(name, description) { ClientCommand.JsonOption };
        foreach (var symbol in symbols)
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        command.SetAction(
            (parsed, _) =>
                ClientCommand.Answer(
                    parsed,
                    () =>
                    {
                        run(parsed, Home.Find(), parsed.InvocationConfiguration.Output);
                        return Task.FromResult(ExitCodes.Ok);
                    }
                )
        );
        return command;
    }

    static Argument<string> NameArgument() =>
        new("name") { Description = "Who holds the token; shown wherever it acts." };

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Name();
}
