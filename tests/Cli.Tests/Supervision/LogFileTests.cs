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
        for (var i = 0; i < 10; i++)
            await Write($"line {i} {new string('x', 90)}\n", cap: 300);

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
    public async Task What_a_full_disk_does_not_take_is_dropped_and_the_rest_goes_on()
    {
        File.CreateSymbolicLink(Log, "/dev/full");
        using var from = new Pieces((() => { }, "lost\n"), (() => File.Delete(Log), "kept\n"));

        await LogFile.Pump(from, Log);

        Assert.Equal("kept", LogFile.Tail(Log));
    }

    [Fact]
    public void A_missing_log_has_a_tail_too() => Assert.Equal("(nothing was logged)", LogFile.Tail(Log));

    async Task Write(string text, long cap)
    {
        using var from = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await LogFile.Pump(from, Log, cap);
    }

    /// <summary>Text in pieces, with something that happens before each is read.</summary>
    sealed class Pieces(params (Action Before, string Text)[] pieces) : MemoryStream
    {
        int next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (next == pieces.Length)
                return new(0);
            var (before, text) = pieces[next++];
            before();
            return new(Encoding.UTF8.GetBytes(text, buffer.Span));
        }
    }
}
