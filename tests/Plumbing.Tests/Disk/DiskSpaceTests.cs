using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Nightshift.Plumbing.Disk;

namespace Nightshift.Plumbing.Tests.Disk;

public sealed class DiskSpaceTests
{
    const long GiB = 1L << 30;

    static readonly DiskOptions Usual = new() { Paths = ["/data"] };

    [Theory]
    [InlineData(100, 50, DiskLevel.Enough)]
    [InlineData(100, 10, DiskLevel.Enough)]
    [InlineData(100, 9.9, DiskLevel.Low)]
    [InlineData(100, 5, DiskLevel.Low)]
    [InlineData(100, 4.9, DiskLevel.Full)]
    [InlineData(100, 0, DiskLevel.Full)]
    [InlineData(8, 1, DiskLevel.Enough)] // 1 GiB of 8 is 12.5 %
    [InlineData(8, 0.99, DiskLevel.Full)] // below 1 GiB, whatever its share
    [InlineData(0, 0, DiskLevel.Full)]
    public void Room_is_judged_by_share_and_by_size(double totalGiB, double freeGiB, DiskLevel level) =>
        Assert.Equal(level, DiskJudge.Judge([Disk("/data", totalGiB, freeGiB)], Usual).Level);

    [Fact]
    public void The_disk_with_the_least_room_decides_and_is_named() =>
        Assert.Equal(
            new DiskVerdict(DiskLevel.Full, "3 % (3072 MiB) free on the disk of /engine"),
            DiskJudge.Judge([Disk("/home", 100, 50), Disk("/engine", 100, 3), Disk("/data", 100, 8)], Usual)
        );

    [Fact]
    public void Without_disks_to_watch_there_is_always_room() =>
        Assert.Equal(DiskLevel.Enough, DiskJudge.Judge([], Usual).Level);

    [Fact]
    public void It_recovers_by_itself_and_looks_once_a_second_at_most()
    {
        var (clock, disk, looks) = (new FakeTimeProvider(), Disk("/data", 100, 3), 0);
        var space = new DiskSpace(
            Options.Create(Usual),
            new Reader(_ =>
            {
                looks++;
                return disk;
            }),
            clock
        );
        Assert.Contains(
            "No new run starts: only 3 % (3072 MiB) free",
            Assert.Throws<DiskFullException>(space.RequireRoom).Message,
            StringComparison.Ordinal
        );

        disk = Disk("/data", 100, 30);
        Assert.Throws<DiskFullException>(space.RequireRoom);
        clock.Advance(DiskSpace.GoodFor);
        space.RequireRoom();

        Assert.Equal(2, looks);
    }

    [Fact]
    public void A_folder_that_is_gone_does_not_stop_anything()
    {
        var space = new DiskSpace(
            Options.Create(Usual),
            new Reader(x => throw new DirectoryNotFoundException(x)),
            new FakeTimeProvider()
        );
        space.RequireRoom();
    }

    [Fact]
    public async Task A_real_disk_that_fills_up_is_noticed()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk");
        var folder = Directory.CreateTempSubdirectory("nightshift-disk-").FullName;
        await Run("mount", "-t", "tmpfs", "-o", "size=16m", "none", folder);
        try
        {
            var clock = new FakeTimeProvider();
            await using var services = new ServiceCollection()
                .AddSingleton<TimeProvider>(clock)
                .AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(
                    new Microsoft.Extensions.Configuration.ConfigurationManager
                    {
                        ["Nightshift:Disk:Paths:0"] = folder,
                        ["Nightshift:Disk:StopBelowMiB"] = "0",
                    }
                )
                .AddDiskSpace()
                .BuildServiceProvider();
            var space = services.GetRequiredService<DiskSpace>();
            Assert.Equal(DiskLevel.Enough, space.Verdict().Level);

            var file = Path.Combine(folder, "file");
            await File.WriteAllBytesAsync(file, new byte[15 << 20], TestContext.Current.CancellationToken);
            clock.Advance(DiskSpace.GoodFor);
            Assert.Equal(DiskLevel.Low, space.Verdict().Level);

            await File.WriteAllBytesAsync(
                file,
                new byte[(15 << 20) + (512 << 10)],
                TestContext.Current.CancellationToken
            );
            clock.Advance(DiskSpace.GoodFor);
            Assert.Equal(DiskLevel.Full, space.Verdict().Level);

            File.Delete(file);
            clock.Advance(DiskSpace.GoodFor);
            Assert.Equal(DiskLevel.Enough, space.Verdict().Level);
        }
        finally
        {
            await Run("umount", folder);
            Directory.Delete(folder);
        }
    }

    static FreeSpace Disk(string path, double totalGiB, double freeGiB) =>
        new(path, (long)(freeGiB * GiB), (long)(totalGiB * GiB));

    static async Task Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.Equal(0, process.ExitCode);
    }

    sealed class Reader(Func<string, FreeSpace> read) : IFreeSpaceReader
    {
        public FreeSpace Read(string path) => read(path);
    }
}
