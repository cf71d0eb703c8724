using System.Text.Json;

namespace Nightshift.Cli.Testing;

/// <summary>Counts of one or several test programs.</summary>
public sealed record TestReport(int Passed, int Failed, int Skipped)
{
    public static readonly TestReport Nothing = new(0, 0, 0);

    public static TestReport operator +(TestReport left, TestReport right) =>
        new(left.Passed + right.Passed, left.Failed + right.Failed, left.Skipped + right.Skipped);

    /// <summary>The last line of <c>nightshift test</c>; others read it.</summary>
    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";

    /// <summary>The failed tests as text: name, message, trace.</summary>
    /// <param name="json">A whole CTRF file; anything else holds no failures.</param>
    public static IReadOnlyList<string> Failures(string json) =>
        [
            .. TestsOf(json, "failed")
                .Select(x => $"{Text(x, "name")}\n{Text(x, "message")}\n{Text(x, "trace")}".TrimEnd()),
        ];

    /// <summary>Why tests were skipped, and how many for each reason.</summary>
    /// <param name="json">A whole CTRF file; anything else holds no tests.</param>
    public static IReadOnlyList<string> Skips(string json) =>
        [.. TestsOf(json, "skipped").GroupBy(x => Text(x, "message")).Select(x => $"{x.Count()} skipped: {x.Key}")];

    /// <summary>Reads a CTRF file (Common Test Report Format).</summary>
    /// <returns>Null when there is no such report.</returns>
    public static TestReport? Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var summary = document.RootElement.GetProperty("results").GetProperty("summary");
            return new TestReport(
                summary.GetProperty("passed").GetInt32(),
                summary.GetProperty("failed").GetInt32(),
                summary.GetProperty("skipped").GetInt32() + summary.GetProperty("pending").GetInt32()
            );
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// A program that fell over, or ran nothing though nothing was filtered, has failed even where no test did.
    /// </summary>
    /// <param name="report">What the program reported; null when it reported nothing.</param>
    /// <param name="filtered">True when only some tests were asked for.</param>
    /// <returns>The counts to sum, and what is wrong apart from failed tests.</returns>
    public static (TestReport Counted, string? Wrong) Judge(TestReport? report, int exitCode, bool filtered) =>
        report switch
        {
            null => (new TestReport(0, 1, 0), $"it ended with exit code {exitCode} and left no report"),
            { Failed: 0 } when exitCode != 0 => (
                report with
                {
                    Failed = 1,
                },
                $"it ended with exit code {exitCode} though no test failed"
            ),
            { Passed: 0, Failed: 0, Skipped: 0 } when !filtered => (new TestReport(0, 1, 0), "it holds no tests"),
            _ => (report, null),
        };

    static IReadOnlyList<JsonElement> TestsOf(string json, string status)
    {
        try
        {
            return
            [
                .. JsonElement
                    .Parse(json)
                    .GetProperty("results")
                    .GetProperty("tests")
                    .EnumerateArray()
                    .Where(x => Text(x, "status") == status),
            ];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
    }

    static string? Text(JsonElement test, string property) =>
        test.TryGetProperty(property, out var value) ? value.GetString() : null;
}
