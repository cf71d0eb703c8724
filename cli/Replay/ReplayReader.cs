using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Replay;

/// <summary>Reads the steps of a replay as they arrive, one line each, and keeps none.</summary>
public static class ReplayReader
{
    const int BufferSize = 64 * 1024;

    /// <returns>The steps. One is valid until the next is asked for: its memory is used again.</returns>
    /// <exception cref="AnswerException">There is no such stream, or the answer broke off.</exception>
    public static async IAsyncEnumerable<JsonElement> Read(
        Api api,
        string path,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var answer = await api.Open(path, "application/x-ndjson", cancellationToken);
        var body = PipeReader.Create(
            await answer.Content.ReadAsStreamAsync(cancellationToken),
            new StreamPipeReaderOptions(bufferSize: BufferSize)
        );
        for (var searched = 0L; ; )
        {
            var read = await Next(body, cancellationToken);
            var rest = read.Buffer;
            for (; Line(ref rest, searched) is { } line; searched = 0)
            {
                using var step = Parse(line);
                yield return step.RootElement;
            }
            if (read.IsCompleted)
                break;
            searched = rest.Length;
            body.AdvanceTo(rest.Start, rest.End);
        }
        await body.CompleteAsync();
    }

    // The first step of a large run has a line of megabytes; its bytes are searched once.
    static ReadOnlySequence<byte>? Line(ref ReadOnlySequence<byte> rest, long searched)
    {
        if (rest.Slice(searched).PositionOf((byte)'\n') is not { } end)
            return null;
        var line = rest.Slice(0, end);
        rest = rest.Slice(rest.GetPosition(1, end));
        return line;
    }

    static async Task<ReadResult> Next(PipeReader body, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new AnswerException(
                ExitCodes.Unreachable,
                $"The replay broke off: {e.GetBaseException().Message} Ask again in a few seconds."
            );
        }
    }

    static JsonDocument Parse(ReadOnlySequence<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            throw new AnswerException(ExitCodes.Unreachable, "What answers is not Nightshift: a step is no JSON.");
        }
    }
}
