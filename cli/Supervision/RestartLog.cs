using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Supervision;

/// <summary>One restart, as the status page shows it.</summary>
/// <param name="At">When the part was back (UTC).</param>
/// <param name="Text">One short line: <c>Restarted executor (hung)</c>.</param>
public sealed record Restart(DateTimeOffset At, string Text);

/// <summary>The latest restarts, in a file from which the gateway takes them into the status.</summary>
public static class RestartLog
{
    const int Kept = 20;
    static readonly Lock Turn = new();

    public static string PathIn(Home home) => Path.Combine(home.Root, "restarts.json");

    /// <summary>Adds one. A file that cannot be read or written is no reason to stop supervising.</summary>
    public static void Append(Home home, Restart restart)
    {
        try
        {
            lock (Turn) // parts are kept side by side
                PrivateFile.Write(
                    PathIn(home),
                    JsonSerializer.Serialize(
                        [.. Read(home).TakeLast(Kept - 1), restart],
                        RestartJson.Default.RestartArray
                    )
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    public static Restart[] Read(Home home)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(PathIn(home)), RestartJson.Default.RestartArray) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Restart[]))]
sealed partial class RestartJson : JsonSerializerContext;
