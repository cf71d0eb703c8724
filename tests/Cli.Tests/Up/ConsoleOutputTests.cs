using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Tests.Up;

public sealed class ConsoleOutputTests : IDisposable
{
    readonly Home home;
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-voice-").FullName;

    public ConsoleOutputTests() => home = new Home(folder, folder, folder).Prepare();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_closed_terminal_silences_the_console_and_not_the_log()
    {
        using var terminal = new ClosedTerminal();
        var voice = new ConsoleOutput(home, terminal, TimeProvider.System);

        voice.Say("Stopping …");
        voice.Whisper("a secret");
        voice.Say("Stopped.");

        Assert.Equal(1, terminal.Tried);
        var log = File.ReadAllText(home.Log("supervisor"));
        Assert.Contains("Stopping …", log, StringComparison.Ordinal);
        Assert.Contains("Stopped.", log, StringComparison.Ordinal);
    }

    sealed class ClosedTerminal : StringWriter
    {
        public int Tried { get; private set; }

        public override void WriteLine(string? value)
        {
            Tried++;
            throw new IOException("Input/output error");
        }
    }
}
