using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Dags;

/// <summary>DAG files are checked as the scheduler reads them, and nothing has to run.</summary>
public sealed class ValidateCommandTests : IDisposable
{
    const string Tasks = "tasks:\n  t: { noop: true }\n";

    readonly string root = Directory.CreateTempSubdirectory("nightshift-validate-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    string Write(string name, string text)
    {
        var path = Path.Combine(root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    static Task<CommandLine> Validate(params string[] args) => CommandLine.Run(["dags", "validate", .. args]);

    [Fact]
    public async Task A_good_file_is_good()
    {
        var run = await Validate(Write("a.yaml", "dag: a\n" + Tasks));
        Assert.Equal((ExitCodes.Ok, "The file is good.\n", ""), (run.ExitCode, run.Out, run.Error));
    }

    [Fact]
    public async Task Each_mistake_is_a_line_with_its_place_as_editors_read_it()
    {
        var bad = Write("bad.yaml", "dag: a\ncatchup: yes\ntasks:\n  t: { noop: true, retries: many }\n");
        var good = Write("good.yaml", "dag: b\n" + Tasks);
        var run = await Validate(bad, good);
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Equal(
            $"""
            {bad}:2:10: 'catchup' is 'yes'; write true or false
            {bad}:4:29: 'tasks.t.retries' is 'many'; write a whole number from 0 to 100
            2 mistakes in 2 files.

            """,
            run.Out
        );
    }

    [Fact]
    public async Task As_JSON_every_file_has_its_mistakes_or_its_version()
    {
        var (bad, good) = (Write("bad.yaml", "dag: a\n" + "tasks: [\n"), Write("good.yaml", "dag: b\n" + Tasks));
        var run = await Validate(bad, good, "--json");
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        var answer = JsonDocument.Parse(run.Out).RootElement;
        Assert.False(answer.At("valid").GetBoolean());
        var (first, second) = (answer.Items("files").First(), answer.Items("files").Last());
        Assert.Equal((bad, "", false), (first.Text("file"), first.Text("dag_id"), first.At("valid").GetBoolean()));
        Assert.StartsWith("This is not YAML", first.Items("mistakes").Single().Text("text"), StringComparison.Ordinal);
        Assert.Equal((good, "b", 12), (second.Text("file"), second.Text("dag_id"), second.Text("version").Length));
    }

    [Fact]
    public async Task A_folder_is_all_its_DAG_files_and_two_of_the_same_DAG_are_a_mistake()
    {
        var first = Write("team/a.yaml", "dag: a\n" + Tasks);
        var second = Write("team/b.yml", "dag: a\n" + Tasks);
        Write("team/.hidden/c.yaml", "no DAG");
        Write("team/notes.txt", "no DAG");
        var run = await Validate(root);
        Assert.Equal(
            $"{second}:1: The DAG 'a' is also in {first}; rename one of them\n1 mistake in 2 files.\n",
            run.Out
        );
    }

    [Theory]
    [InlineData("missing.yaml", "There is no such file")]
    [InlineData("", "The folder has no DAG files")]
    public async Task Nothing_to_check_is_a_mistake(string name, string mistake)
    {
        var run = await Validate(Path.Combine(root, name));
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains(mistake, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endless_file_is_refused()
    {
        var run = await Validate("/dev/zero");
        Assert.Contains("more than 16777216 bytes", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_a_file_cannot_write_to_the_terminal()
    {
        var run = await Validate(Write("a\u001b[2J\u202e.yaml", "dag: a"));
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.DoesNotContain('\u202e', run.Out);
    }

    [Fact]
    public async Task The_schema_is_JSON() =>
        Assert.Equal(
            "https://json-schema.org/draft/2020-12/schema",
            JsonDocument.Parse((await CommandLine.Run("dags", "schema")).Out).RootElement.Text("$schema")
        );
}
