using System.Diagnostics;
using Nightshift.Cli.Dags.Import;
using Nightshift.DagFiles;
using Nightshift.DagFiles.Templates;

namespace Nightshift.Cli.Tests.Dags.Import;

/// <summary>Imported DAGs as the scheduler reads them.</summary>
static class ImportedFile
{
    static readonly DateTimeOffset At = new(2026, 3, 1, 9, 5, 7, TimeSpan.Zero);

    /// <summary>What templates see in these tests.</summary>
    public static readonly IReadOnlyDictionary<string, object?> Values = new Dictionary<string, object?>
    {
        ["ds"] = "2026-03-01",
        ["run_id"] = "manual__etl__1",
        ["logical_date"] = "2026-03-01T09:05:07Z",
        ["data_interval_start"] = "2026-02-28T09:05:07Z",
        ["data_interval_end"] = "2026-03-01T09:05:07Z",
        ["params"] = new Dictionary<string, object?>
        {
            ["table"] = "it's a \"table\"; $HOME",
            ["a-b"] = "x",
            ["n"] = "7",
        },
        ["var"] = new Dictionary<string, object?>
        {
            ["region"] = "eu",
            ["hosts"] = new Dictionary<string, object?> { ["first_one"] = "a" },
        },
        ["tasks"] = new Dictionary<string, object?>
        {
            ["extract"] = new Dictionary<string, object?>
            {
                ["output"] = new Dictionary<string, object?> { ["return_value"] = "42", ["file name"] = "f.csv" },
            },
        },
    };

    public static DagSpec Read(string content)
    {
        var reading = DagFile.Read(content);
        Assert.True(
            reading.Spec is not null,
            $"{string.Join('\n', reading.Mistakes.Select(x => $"line {x.Line}: {x.Text}"))}\n{content}"
        );
        return reading.Spec;
    }

    public static DagSpec Spec(this ImportedDag dag) => Read(dag.Content!);

    public static string Rendered(string template) =>
        TemplateText.Render(template, Values, At, TemplateBudget.OfTask());

    /// <summary>What bash prints, in an environment of its own.</summary>
    public static async Task<string> Bash(
        IReadOnlyList<string> command,
        IEnumerable<KeyValuePair<string, string>> environment
    )
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return $"{await output}{await error}{(process.ExitCode == 0 ? "" : $"exit {process.ExitCode}")}";
    }
}
