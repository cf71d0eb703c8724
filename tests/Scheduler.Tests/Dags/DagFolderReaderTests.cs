using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>What stands in a folder and how it is read, on the real file system.</summary>
public sealed class DagFolderReaderTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("nightshift-files-").FullName;

    DagFolderReader Folder => new(root, maxBytes: 1024);

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Files_are_listed_by_name_whatever_folder_they_are_in()
    {
        Write("b.yaml", "b");
        Write("a/c.yml", "c");
        Write("a/.hidden/d.yaml", "d");
        Write(".e.yaml", "e");
        Write("notes.txt", "f");
        Assert.Equal(["a/c.yml", "b.yaml"], Folder.List().Files);
    }

    // mount/..2026_01/one.yaml    mount/..data ─► ..2026_01    mount/one.yaml ─► ..data/one.yaml
    [Fact]
    public void A_ConfigMap_is_read_through_its_links_and_an_exchange_is_seen()
    {
        Write("mount/..2026_01/one.yaml", "one");
        Link("mount/..data", "..2026_01");
        Link("mount/one.yaml", "..data/one.yaml");
        Assert.Equal(["mount/one.yaml"], Folder.List().Files);
        Assert.Equal("one", Text("mount/one.yaml"));

        Write("mount/..2026_02/one.yaml", "two");
        Link("mount/..new", "..2026_02");
        using (
            var exchange = Process.Start(
                "mv",
                ["-T", Path.Combine(root, "mount/..new"), Path.Combine(root, "mount/..data")]
            )
        )
            exchange.WaitForExit();
        Assert.Equal("two", Text("mount/one.yaml"));
    }

    [Fact]
    public void A_folder_is_listed_once_however_many_links_lead_to_it()
    {
        Write("a/one.yaml", "one");
        Write(".versions/3/two.yaml", "two");
        Link("loop", ".");
        Link("a/up", "..");
        Link("b", "a");
        Link("current", ".versions/3"); // as git-sync keeps it
        Link("again", ".versions/3");
        Assert.Equal(
            ["a/one.yaml", "current/two.yaml"],
            Folder.List().Files.Order().Select(x => x.Replace("again", "current", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_link_out_of_the_folder_is_not_followed()
    {
        var outside = Directory.CreateTempSubdirectory("nightshift-outside-");
        File.WriteAllText(Path.Combine(outside.FullName, "secret.yaml"), "secret");
        Link("file.yaml", Path.Combine(outside.FullName, "secret.yaml"));
        Link("folder", outside.FullName);
        Link("through.yaml", "folder/secret.yaml");
        Assert.Equal(["file.yaml", "through.yaml"], Folder.List().Files);
        Assert.Contains("a link out of the DAGs folder", Folder.Read("file.yaml").Mistake, StringComparison.Ordinal);
        Assert.Contains("a link out of the DAGs folder", Folder.Read("through.yaml").Mistake, StringComparison.Ordinal);
        outside.Delete(recursive: true);
    }

    [Fact]
    public void The_folder_itself_may_be_a_link()
    {
        Write("real/one.yaml", "one");
        Link("link", "real");
        var folder = new DagFolderReader(Path.Combine(root, "link"), 1024);
        Assert.Equal(["one.yaml"], folder.List().Files);
        Assert.Equal("one", Encoding.UTF8.GetString(folder.Read("one.yaml").Bytes!));
    }

    [Fact]
    public void A_pipe_a_socket_and_a_link_to_a_device_keep_nobody_waiting()
    {
        using (var pipe = Process.Start("mkfifo", Path.Combine(root, "pipe.yaml")))
            pipe.WaitForExit();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(root, "socket.yaml")));
        Link("zero.yaml", "/dev/zero");
        Link("dangling.yaml", "nowhere");
        Link("self.yaml", "self.yaml");
        Directory.CreateDirectory(Path.Combine(root, "folder.yaml"));
        var listing = Folder.List().Files;
        Assert.Equal(["dangling.yaml", "pipe.yaml", "self.yaml", "socket.yaml", "zero.yaml"], listing);
        Assert.All(listing, x => Assert.NotNull(Folder.Read(x).Mistake));
        Assert.Contains("a pipe, a socket or a device", Folder.Read("pipe.yaml").Mistake, StringComparison.Ordinal);
        Assert.Contains("a link to nowhere", Folder.Read("dangling.yaml").Mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_gone_is_neither_content_nor_a_mistake() =>
        Assert.Equal(new DagFileContent(null, null), Folder.Read("gone.yaml"));

    [Fact]
    public void A_file_is_read_up_to_the_limit()
    {
        Write("fits.yaml", new string('x', 1024));
        Write("large.yaml", new string('x', 1025));
        Write("empty.yaml", "");
        Assert.Equal(1024, Folder.Read("fits.yaml").Bytes!.Length);
        Assert.Empty(Folder.Read("empty.yaml").Bytes!);
        Assert.Contains("more than 1024 bytes", Folder.Read("large.yaml").Mistake, StringComparison.Ordinal);
    }

    string Text(string file) => Encoding.UTF8.GetString(Folder.Read(file).Bytes!);

    void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
        File.WriteAllText(Path.Combine(root, file), text);
    }

    void Link(string file, string target) => File.CreateSymbolicLink(Path.Combine(root, file), target);
}
