using System.Globalization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>
/// What a start and the supervision after it tell: on the console while somebody looks, in the log always.
/// </summary>
public sealed class ConsoleOutput(Home home, TextWriter console, TimeProvider clock)
{
    /// <summary>Tells the foreground process that the start is over; no line of text is just this character.</summary>
    public const string Over = "\u0004";

    readonly Lock turn = new();
    bool onConsole = true;

    public void Say(string line)
    {
        lock (turn)
        {
            Print(line);
            if (line.Length > 0)
                Log(line.Trim());
        }
    }

    void Print(string line)
    {
        if (!onConsole)
            return;
        try
        {
            console.WriteLine(line);
        }
        catch (IOException)
        {
            onConsole = false;
        } // the terminal was closed; the log goes on
    }

    void Log(string line)
    {
        try
        {
            File.AppendAllText(
                home.Log("supervisor"),
                string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {line}\n")
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Print($"(The line above is not in {home.Log("supervisor")}: {e.Message.TrimEnd('.')}.)");
        }
    }

    /// <summary>For lines that hold a secret: they never reach the log.</summary>
    public void Whisper(string line)
    {
        lock (turn)
            Print(line);
    }

    /// <summary>The process that started this one in the background stops listening.</summary>
    public void LeaveConsole()
    {
        lock (turn)
        {
            Print(Over);
            onConsole = false;
        }
    }
}
