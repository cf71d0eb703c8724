using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Nightshift.Cli.Client;

/// <summary>
/// Writes JSON to the reader's terminal or pipe while it is made, so that a document of megabytes is never one text.
/// </summary>
public sealed class JsonOutput(TextWriter output) : IBufferWriter<byte>
{
    const int BufferSize = 16 * 1024;

    readonly Decoder utf8 = Encoding.UTF8.GetDecoder(); // a character may begin in one part and end in the next
    byte[] buffer = new byte[BufferSize];

    /// <inheritdoc/>
    public void Advance(int count)
    {
        var chars = new char[utf8.GetCharCount(buffer, 0, count, flush: false)];
        utf8.GetChars(buffer, 0, count, chars, 0, flush: false);
        output.Write(Terminal.Json(new string(chars)));
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (buffer.Length < sizeHint)
            buffer = new byte[sizeHint];
        return buffer;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Writes an element on several lines, as <see cref="JsonText.Pretty"/>.</summary>
    public static void WritePretty(JsonElement element, TextWriter output)
    {
        using var json = new Utf8JsonWriter(
            new JsonOutput(output),
            new JsonWriterOptions { Indented = true, Encoder = JsonText.Encoder }
        );
        element.WriteTo(json);
    }
}
