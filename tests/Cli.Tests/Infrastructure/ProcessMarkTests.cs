using System.Diagnostics;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

public sealed class ProcessMarkTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-marks-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_mark_survives_being_written_and_read()
    {
        var mark = ProcessMark.Of(Environment.ProcessId);
        Assert.NotNull(mark);
        var path = Path.Combine(folder, "me.pid");

        mark.Save(path);

        Assert.Equal(mark, ProcessMark.Running(path));
    }

    [Fact]
    public void A_number_given_out_again_is_another_process()
    {
        var mark = ProcessMark.Of(Environment.ProcessId);
        Assert.NotNull(mark);

        Assert.False((mark with { StartedTicks = mark.StartedTicks - 1 }).IsAlive);
        Assert.False((mark with { Boot = "another" }).IsAlive);
    }

    [Fact]
    public async Task An_ended_process_is_not_running()
    {
        using var process = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true });
        Assert.NotNull(process);
        var mark = ProcessMark.Of(process.Id);
        Assert.NotNull(mark);
        Assert.True(mark.IsAlive);

        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.False(mark.IsAlive);
    }

    [Theory]
    [InlineData("42 (cat) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20", 4711, 'S')]
    [InlineData("42 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20", 4711, 'R')]
    [InlineData("42 (gone) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20", 4711, 'Z')]
    public void Names_with_spaces_and_brackets_do_not_shift_the_fields(string stat, long started, char state) =>
        Assert.Equal((started, state), ProcessMark.ParseStat(stat));

    [Theory]
    [InlineData("")]
    [InlineData("x y z")]
    [InlineData("42 17")]
    public void A_broken_mark_names_nobody(string text) => Assert.Null(ProcessMark.Parse(text));

    [Fact]
    public void A_missing_mark_names_nobody() => Assert.Null(ProcessMark.Running(Path.Combine(folder, "none.pid")));
}
