using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>One supervisor per home: held as a file lock, which the kernel gives back however the holder ends.</summary>
public sealed class Claim : IDisposable
{
    public const string Name = "supervisor";
    readonly FileStream file;
    readonly string mark;

    Claim(FileStream file, string mark) => (this.file, this.mark) = (file, mark);

    /// <returns>Null when another supervisor holds the home.</returns>
    public static Claim? Take(Home home)
    {
        try
        {
            var file = new FileStream(home.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            ProcessMark.Of(Environment.ProcessId)?.Save(home.Mark(Name));
            return new Claim(file, home.Mark(Name));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static ProcessMark? Holder(Home home) => ProcessMark.Running(home.Mark(Name));

    public void Dispose()
    {
        File.Delete(mark);
        file.Dispose();
    }
}
