using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Tests.Client;

namespace Nightshift.Cli.Tests.Dags.Import;

public sealed class ImportCommandTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nightshift-import-");

    public void Dispose() => folder.Delete(recursive: true);

    string Dags => Path.Combine(folder.FullName, "dags");

    string Source(string text)
    {
        var path = Path.Combine(folder.FullName, "source");
        File.WriteAllText(path, text);
        return path;
    }

    Task<CommandLine> Crontab(string text, params string[] options) =>
        CommandLine.Run(["dags", "import", "crontab", Source(text), "--to", Dags, "--timezone", "UTC", .. options]);

    string[] Files() =>
        Directory.Exists(Dags) ? [.. Directory.GetFiles(Dags).Select(x => Path.GetFileName(x)).Order()] : [];

    [Theory]
    [InlineData("0 1 * * * a\n0 2 * * * b", ExitCodes.Ok, "a.yaml", "b.yaml")]
    [InlineData("0 1 * * * a\n@reboot b", ExitCodes.Incomplete, "a.yaml")]
    [InlineData("MAILTO=x\n0 1 * * * a", ExitCodes.Incomplete, "a.yaml")]
    [InlineData("@reboot b", ExitCodes.Failed)]
    public async Task The_exit_code_says_whether_all_was_carried_over(string text, int exitCode, params string[] files)
    {
        var run = await Crontab(text);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
        Assert.Equal(files, Files());
        Assert.All(files, x => ImportedFile.Read(File.ReadAllText(Path.Combine(Dags, x))));
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_only_when_asked_and_nothing_is_half_done()
    {
        await Crontab("0 1 * * * a");
        await Assert.ThrowsAsync<ProblemException>(() => Crontab("0 1 * * * b\n0 2 * * * a"));
        Assert.Equal(["a.yaml"], Files());
        Assert.Equal(ExitCodes.Ok, (await Crontab("0 1 * * * a")).ExitCode); // the same once more
        Assert.Equal(ExitCodes.Ok, (await Crontab("0 1 * * * b\n0 2 * * * a", "--force")).ExitCode);
        Assert.Equal(["a.yaml", "b.yaml"], Files());
        Assert.Contains(
            "0 2 * * *",
            await File.ReadAllTextAsync(Path.Combine(Dags, "a.yaml"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_dry_run_prints_the_files_and_writes_none()
    {
        var run = await Crontab("0 1 * * * a\n@reboot b", "--dry-run");
        Assert.Equal(ExitCodes.Incomplete, run.ExitCode);
        Assert.Empty(Files());
        Assert.StartsWith($"# --- {Dags}/a.yaml\n", run.Out, StringComparison.Ordinal);
        ImportedFile.Read(run.Out);
        Assert.Contains(
            "  left out: schedule (line 2): Nothing runs when the machine starts",
            run.Error,
            StringComparison.Ordinal
        );
        Assert.EndsWith("1 of 2 DAGs can be written, 1 left out.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_is_there_as_JSON()
    {
        var run = await CommandLine.Run(
            "dags",
            "import",
            "airflow",
            Source(AirflowSamples.Serialized),
            "--to",
            Dags,
            "--image",
            "acme/tools",
            "--json"
        );
        var report = JsonDocument.Parse(run.Out).RootElement;
        var dag = report.GetProperty("dags")[0];
        Assert.Equal(ExitCodes.Incomplete, run.ExitCode);
        Assert.False(report.GetProperty("complete").GetBoolean());
        Assert.Equal(("etl.daily", "etl-daily"), (dag.Text("source"), dag.Text("dag_id")));
        Assert.Contains(dag.Items("left_out"), x => x.Text("where") == "source $.dag.has_on_failure_callback");
        var spec = ImportedFile.Read(
            await File.ReadAllTextAsync(dag.Text("file"), TestContext.Current.CancellationToken)
        );
        Assert.Equal("acme/tools", spec.Tasks.Single(x => x.TaskId == "extract").Image);
    }

    [Fact]
    public async Task Hostile_text_does_not_steer_the_terminal()
    {
        var run = await Crontab("@reboot a\u001b[2J\u202e", "--dry-run");
        Assert.DoesNotContain("\u001b", run.Out + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", run.Out + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_file_that_is_not_there_is_a_problem() =>
        Assert.ThrowsAsync<ProblemException>(() =>
            CommandLine.Run("dags", "import", "airflow", Path.Combine(folder.FullName, "none"), "--to", Dags)
        );
}
