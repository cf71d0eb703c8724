using System.Text;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Tests.Supervision;

public sealed class LogFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-log-").FullName;

    string Log => Path.Combine(folder, "part.log");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_full_log_is_set_aside_and_neither_file_outgrows_the_cap()
    {
        for (var i = 0; i < 10; i++) await Write($"line {i} {new string('x', 90)}\n", cap: 300);

        Assert.InRange(new FileInfo(Log).Length, 1, 300);
        Assert.InRange(new FileInfo(Log + ".1").Length, 1, 300);
        Assert.StartsWith("line 9", LogFile.Tail(Log, lines: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_goes_on_where_it_ended()
    {
        await Write("first\n", cap: 1000);
        await Write("second\n", cap: 1000);

        Assert.Equal("first\nsecond", LogFile.Tail(Log));
    }

    [Fact]
    public void A_missing_log_has_a_tail_too() => Assert.Equal("(nothing was logged)", LogFile.Tail(Log));

    async Task Write(string text, long cap)
    {
        using var from = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await LogFile.Pump(from, Log, cap);
    }
}
