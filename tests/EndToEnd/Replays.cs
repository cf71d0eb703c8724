using System.Text.Json;

namespace Nightshift.EndToEnd.Tests;

/// <summary>What has to hold for the replay of anything.</summary>
static class Replays
{
    public static async Task Work(
        RunningSystem system,
        string kind,
        string id,
        string expected,
        CancellationToken cancellationToken
    )
    {
        Assert.Contains(expected, await system.Do(cancellationToken, "replay", kind, id), StringComparison.Ordinal);

        using var steps = JsonDocument.Parse(await system.Do(cancellationToken, "replay", kind, id, "--json"));
        var versions = steps.RootElement.EnumerateArray().Select(x => x.GetProperty("version").GetInt64()).ToArray();
        Assert.Equal(Enumerable.Range(1, versions.Length).Select(x => (long)x), versions);

        using var first = JsonDocument.Parse(
            await system.Do(cancellationToken, "replay", kind, id, "--at", "1", "--json")
        );
        Assert.Equal(1, first.RootElement.GetProperty("version").GetInt64());
        Assert.Equal(JsonValueKind.Object, first.RootElement.GetProperty("state").ValueKind);

        // what the steps changed adds up to the state
        using var full = JsonDocument.Parse(await system.Do(cancellationToken, "replay", kind, id, "--full", "--json"));
        var last = full.RootElement.EnumerateArray().Last();
        using var state = JsonDocument.Parse(
            await system.Do(
                cancellationToken,
                "replay",
                kind,
                id,
                "--at",
                last.GetProperty("version").GetRawText(),
                "--json"
            )
        );
        Assert.True(
            JsonElement.DeepEquals(state.RootElement.GetProperty("state"), last.GetProperty("after")),
            $"{last} does not end in {state.RootElement}"
        );
    }
}
