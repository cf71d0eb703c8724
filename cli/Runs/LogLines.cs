using System.Runtime.CompilerServices;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary>The lines of one attempt as they are written.</summary>
public static class LogLines
{
    /// <summary>Each line with <c>at</c>, <c>stream</c> and <c>text</c>; ends with the attempt.</summary>
    public static async IAsyncEnumerable<JsonElement> Follow(
        Follower follower,
        string path,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var item in follower.Follow($"{path}?follow=true", cancellationToken))
        {
            if (item.EventType is "end")
                yield break;
            if (item.EventType is "line")
                yield return JsonSerializer.Deserialize<JsonElement>(item.Data);
        }
    }

    /// <summary>The lines there are, as text.</summary>
    public static async IAsyncEnumerable<string> Read(
        Api api,
        string path,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var answer = await api.Open(path, "text/plain", cancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
            yield return Terminal.Safe(line);
    }

    /// <summary>A followed line as text; what Nightshift itself remarks says so.</summary>
    public static string Text(JsonElement line) =>
        $"{(line.Text("stream") is "nightshift" ? "[nightshift] " : "")}{Terminal.Safe(line.Text("text"))}";
}
