using System.Diagnostics;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Tests.Infrastructure;

/// <summary>What another user of the machine may have put where this program looks.</summary>
public sealed class PrivateFolderTests : IDisposable
{
    const int Nobody = 65534;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-private-").FullName;

    Home Home => new(folder, folder, Path.Combine(folder, "run", "1"));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_new_folder_is_its_owners_alone()
    {
        var path = Path.Combine(folder, "new");
        PrivateFolder.Ensure(path);
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_folder_of_ours_that_others_can_read_is_closed()
    {
        var path = Directory.CreateDirectory(Path.Combine(folder, "open")).FullName;
        File.SetUnixFileMode(path, PrivateFolder.Mode | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        PrivateFolder.Ensure(path);
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(path));
    }

    [Fact]
    public void The_folder_it_is_in_keeps_its_mode()
    {
        var everybody = Directory.CreateDirectory(Path.Combine(folder, "everybody")).FullName;
        const UnixFileMode all = (UnixFileMode)0b001_111_111_111; // as /tmp
        File.SetUnixFileMode(everybody, all);
        var home = new Home(folder, Path.Combine(everybody, "home"), Path.Combine(everybody, "home")).Prepare();
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(home.Runtime));
        Assert.Equal(all, File.GetUnixFileMode(everybody));
    }

    [Fact]
    public void A_link_in_place_of_the_folder_is_refused()
    {
        var (target, link) = (Path.Combine(folder, "target"), Path.Combine(folder, "link"));
        Directory.CreateDirectory(target);
        Directory.CreateSymbolicLink(link, target);
        var problem = Assert.Throws<ProblemException>(() => PrivateFolder.Ensure(link));
        Assert.StartsWith($"{link} is a link", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_another_user_made_is_refused()
    {
        Assert.SkipUnless(Machine.IsRoot, "Only root can make a folder of another user");
        var runtime = Directory.CreateDirectory(Home.Runtime).FullName;
        await Give(runtime);
        Assert.Contains(
            "belongs to another user (id 65534)",
            Assert.Throws<ProblemException>(() => Home.HasRuntime()).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ProblemException>(() => SupervisorLock.Take(Home));
        await Assert.ThrowsAsync<ProblemException>(() => OrphanProcesses.End(Home, _ => true));
    }

    [Fact]
    public async Task A_state_home_of_another_user_is_refused()
    {
        Assert.SkipUnless(Machine.IsRoot, "Only root can make a folder of another user");
        var state = Directory.CreateDirectory(Path.Combine(folder, "state")).FullName;
        await Give(state);
        Assert.Contains(
            "could plant files and processes",
            Assert.Throws<ProblemException>(() => PrivateFolder.RequireTrusted(state, folder)).Message,
            StringComparison.Ordinal
        );
        await Give(folder); // whose checkout root runs
        PrivateFolder.RequireTrusted(state, folder);
    }

    [Fact]
    public void A_state_home_that_everybody_may_write_to_is_refused()
    {
        File.SetUnixFileMode(folder, PrivateFolder.Mode | UnixFileMode.OtherWrite);
        var problem = Assert.Throws<ProblemException>(() => PrivateFolder.RequireTrusted(folder, folder));
        Assert.Contains($"chmod o-w {folder}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_that_is_a_link_is_not_followed()
    {
        var (real, link) = (Path.Combine(folder, "real.pid"), Path.Combine(folder, "link.pid"));
        ProcessMark.Of(Environment.ProcessId)!.Save(real);
        File.CreateSymbolicLink(link, real);
        Assert.NotNull(ProcessMark.Running(real));
        Assert.Null(ProcessMark.Running(link));
    }

    [Fact]
    public async Task A_mark_of_another_user_names_nobody()
    {
        Assert.SkipUnless(Machine.IsRoot, "Only root can make a file of another user");
        var path = Path.Combine(folder, "theirs.pid");
        ProcessMark.Of(Environment.ProcessId)!.Save(path);
        await Give(path);
        Assert.Null(ProcessMark.Running(path));
    }

    [Fact]
    public void Saving_a_mark_does_not_write_through_a_planted_link()
    {
        var (precious, mark) = (Path.Combine(folder, "precious"), Path.Combine(folder, "part.pid"));
        File.WriteAllText(precious, "mine");
        File.CreateSymbolicLink(mark, precious);
        File.CreateSymbolicLink(mark + ".new", precious);
        ProcessMark.Of(Environment.ProcessId)!.Save(mark);
        Assert.Equal("mine", File.ReadAllText(precious));
    }

    [Fact]
    public async Task Down_leaves_a_process_alone_that_is_not_the_part_its_mark_names()
    {
        using var theirs = Process.Start("sleep", "1000");
        PrivateFolder.Ensure(Home.Runtime);
        ProcessMark.Of(theirs.Id)!.Save(Home.Mark("scheduler"));
        ProcessMark.Of(theirs.Id)!.Save(Home.Mark(SupervisorLock.Name));

        Assert.Empty(await OrphanProcesses.End(Home, _ => true));
        Assert.Null(SupervisorLock.Holder(Home));

        Assert.False(theirs.HasExited);
        theirs.Kill();
    }

    static Task Give(string path) =>
        Shell.Require(
            "chown",
            ["chown", $"{Nobody}:{Nobody}", path],
            cancellationToken: TestContext.Current.CancellationToken
        );
}
