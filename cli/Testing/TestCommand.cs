using System.CommandLine;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Testing;

/// <summary><c>nightshift test</c>: everything the tests need, and all of them.</summary>
public static class TestCommand
{
    public static Command Create()
    {
        var filter = new Option<string?>("--filter", "-f")
        {
            Description = "Run only tests whose name holds this text; * stands for anything.",
        };
        var command = new Command("test", "Set up database, broker and engine, check the format, run every test.")
        {
            filter,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                TestRun.Run(
                    Home.Find("test").Prepare(),
                    parsed.GetValue(filter),
                    TimeProvider.System,
                    cancellationToken
                )
        );
        command.Subcommands.Add(Conformance());
        return command;
    }

    static Command Conformance()
    {
        var vectors = new Option<string>("--vectors")
        {
            Description = "A folder with vector files (JSON), searched with those below it.",
            HelpName = "DIR",
            Required = true,
        };
        var command = new Command(
            "conformance",
            "Compare the scheduler's answers with recorded ones of Airflow and croniter. Needs no running system."
        )
        {
            vectors,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                ConformanceRun.Run(Home.Find("test").Checkout, parsed.GetValue(vectors)!, cancellationToken)
        );
        return command;
    }
}
