namespace Nightshift.Cli.Tests.Client;

public sealed class ArgumentTests
{
    [Theory]
    [InlineData("Required argument 'dag' missing", "dags", "trigger")]
    [InlineData("--param is 'day'; write name=value", "dags", "trigger", "hello", "--param", "day")]
    [InlineData("--param is '=1'; write name=value", "dags", "trigger", "hello", "--param", "=1")]
    [InlineData("--try is '0'; write a number from 1", "runs", "logs", "r", "t", "--try", "0")]
    [InlineData("--try is 'x'; write a number from 1", "runs", "logs", "r", "t", "--try", "x")]
    [InlineData("'galaxy' not recognized", "replay", "galaxy", "1")]
    [InlineData("'shut' not recognized", "incidents", "list", "--state", "shut")]
    [InlineData("'root' not recognized", "tokens", "create", "ci", "--role", "root")]
    [InlineData("The name is 'a b'", "tokens", "create", "a b")]
    [InlineData("Cannot parse argument 'many'", "runs", "list", "--limit", "many")]
    [InlineData("Unrecognized", "status", "--colour")]
    public void A_wrong_command_line_says_what_is_wrong(string message, params string[] args) =>
        Assert.Contains(CommandLine.Parse(args).Errors, x => x.Message.Contains(message, StringComparison.Ordinal));

    [Theory]
    [InlineData("status")]
    [InlineData("dags", "list")]
    [InlineData("dags", "show", "x")]
    [InlineData("dags", "errors")]
    [InlineData("dags", "trigger", "x")]
    [InlineData("runs", "list")]
    [InlineData("runs", "show", "x")]
    [InlineData("runs", "watch")]
    [InlineData("runs", "logs", "x", "y")]
    [InlineData("replay", "run", "x")]
    [InlineData("incidents", "list")]
    [InlineData("incidents", "ack", "x")]
    [InlineData("healing", "show", "x")]
    [InlineData("deliveries", "list")]
    [InlineData("tokens", "list")]
    public void Json_can_be_had_everywhere(params string[] args) =>
        Assert.Empty(CommandLine.Parse([.. args, "--json"]).Errors);
}
