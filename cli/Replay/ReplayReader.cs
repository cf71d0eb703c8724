using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Replay;

/// <summary>Reads the steps of a replay as they arrive, one line each, and keeps none.</summary>
public static class ReplayReader
{
    /// <exception cref="AnswerException">There is no such stream, or the answer broke off.</exception>
    public static async IAsyncEnumerable<JsonElement> Read(
        Api api,
        string path,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var answer = await api.Open(path, "application/x-ndjson", cancellationToken);
        var body = PipeReader.Create(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (true)
        {
            var read = await Next(body, cancellationToken);
            var rest = read.Buffer;
            while (Line(ref rest) is { } line)
                yield return Parse(line);
            if (read.IsCompleted)
                break;
            body.AdvanceTo(rest.Start, rest.End);
        }
        await body.CompleteAsync();
    }

    static ReadOnlySequence<byte>? Line(ref ReadOnlySequence<byte> rest)
    {
        if (rest.PositionOf((byte)'\n') is not { } end)
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

    static JsonElement Parse(ReadOnlySequence<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            return JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            throw new AnswerException(ExitCodes.Unreachable, "What answers is not Nightshift: a step is no JSON.");
        }
    }
}
