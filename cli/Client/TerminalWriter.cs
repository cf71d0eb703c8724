using System.Text;

namespace Nightshift.Cli.Client;

/// <summary>
/// Passes a command's whole answer through <see cref="Terminal.Lines"/>, so that no command can forget.
/// </summary>
public sealed class TerminalWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value) => inner.Write(Terminal.Lines(value ?? ""));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => inner.WriteLine(Terminal.Lines(value ?? ""));

    public override Task WriteAsync(string? value) => inner.WriteAsync(Terminal.Lines(value ?? ""));

    public override Task WriteLineAsync(string? value) => inner.WriteLineAsync(Terminal.Lines(value ?? ""));

    public override void Flush() => inner.Flush();

    public override Task FlushAsync() => inner.FlushAsync();
}
