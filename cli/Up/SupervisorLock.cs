using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>
/// One supervisor per home: held as a file lock, which the kernel gives back however the holder ends.
/// </summary>
public sealed class SupervisorLock : IDisposable
{
    public const string Name = "supervisor";
    const int WouldBlock = 11; // EWOULDBLOCK: another process has the lock; a full disk is another matter
    readonly FileStream file;
    readonly string mark;

    SupervisorLock(FileStream file, string mark) => (this.file, this.mark) = (file, mark);

    /// <returns>Null when another supervisor holds the home.</returns>
    public static SupervisorLock? Take(Home home)
    {
        FileStream file;
        try
        {
            file = new FileStream(home.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is WouldBlock)
        {
            return null;
        }
        PrivateFolder.Ensure(home.Runtime);
        ProcessMark.Of(Environment.ProcessId)?.Save(home.Mark(Name));
        return new SupervisorLock(file, home.Mark(Name));
    }

    public static ProcessMark? Holder(Home home) => PartProcess.Running(home, Name);

    public void Dispose()
    {
        File.Delete(mark);
        file.Dispose();
    }
}
