using System.Text;
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
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var answer = await api.Open(path, "application/x-ndjson", cancellationToken);
        using var lines = new StreamReader(
            await answer.Content.ReadAsStreamAsync(cancellationToken),
            Encoding.UTF8,
            detectEncodingFromByteOrderMarks: false
        );
        while (await Next(lines, cancellationToken) is { } line)
            yield return Parse(line);
    }

    static async Task<string?> Next(StreamReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadLineAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new AnswerException(
                ExitCodes.Unreachable,
                $"The replay broke off: {e.GetBaseException().Message} Ask again in a few seconds."
            );
        }
    }

    static JsonElement Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(line);
        }
        catch (JsonException)
        {
            throw new AnswerException(ExitCodes.Unreachable, "What answers is not Nightshift: a step is no JSON.");
        }
    }
}
