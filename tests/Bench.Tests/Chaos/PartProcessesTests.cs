using System.Diagnostics;
using Nightshift.Bench.Chaos;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.Tests.Chaos;

public sealed class PartProcessesTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nightshift-test-");

    [Fact]
    public async Task Only_the_process_that_a_mark_names_is_killed()
    {
        using var process = Process.Start("sleep", "infinity");
        try
        {
            var mark = ProcessMark.Of(process.Id)!;
            mark.Save(Home.Mark("executor"));
            Assert.Equal(mark, new PartProcesses(Home).Of("executor"));
            Assert.False(PartProcesses.Kill(mark with { StartedTicks = mark.StartedTicks - 1 })); // its number, another process
            Assert.False(process.HasExited);

            Assert.True(PartProcesses.Kill(mark));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.False(PartProcesses.Resume(mark));
            Assert.Null(new PartProcesses(Home).Of("executor"));
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public void Nothing_is_left_of_a_home_that_never_ran() => Assert.Empty(new PartProcesses(Home).Left());

    Home Home => new(folder.FullName, folder.FullName, folder.FullName);

    public void Dispose() => folder.Delete(recursive: true);
}
