using System.Globalization;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Nightshift.Executor.Engines;

/// <summary>The engine's answers in the executor's words.</summary>
static class DockerFacts
{
    public static ContainerFacts? Of(ContainerInspectResponse x) =>
        new(
            x.ID,
            x.Name.TrimStart('/'),
            x.Config?.Image ?? "",
            (x.Config?.Labels ?? new Dictionary<string, string>()).AsReadOnly(),
            x.State?.Status ?? "",
            Time(x.State?.StartedAt),
            Time(x.State?.FinishedAt),
            (int)(x.State?.ExitCode ?? 0),
            x.State?.OOMKilled ?? false,
            x.State?.Error ?? "",
            x.State?.Health?.Status is "starting" or "healthy" or "unhealthy" ? x.State.Health.Status : null
        )
        {
            HealthCheckTime = HealthCheckTime(x.Config?.Healthcheck),
            StopSignal = x.Config?.StopSignal is { Length: > 0 } signal ? signal : null,
        };

    // Zero means the engine's default: an interval and a timeout of 30 s, three retries, no start period. Capped, so
    // that no setting can overflow.
    static TimeSpan? HealthCheckTime(HealthcheckConfig? x)
    {
        if (x?.Test is not [not "NONE", ..])
            return null;
        var (usual, retries) = (TimeSpan.FromSeconds(30), x.Retries > 0 ? (double)x.Retries : 3);
        var check = Or(x.Interval, usual).TotalSeconds + Or(x.Timeout, usual).TotalSeconds;
        var seconds = Or(x.StartPeriod, TimeSpan.Zero).TotalSeconds + retries * check;
        return TimeSpan.FromSeconds(Math.Min(seconds, LongestHealthCheck.TotalSeconds));
    }

    static readonly TimeSpan LongestHealthCheck = TimeSpan.FromDays(1);

    static TimeSpan Or(TimeSpan? given, TimeSpan usual) => given is { Ticks: > 0 } x ? x : usual;

    public static ImageFacts? Of(string name, ImageInspectResponse x) =>
        new(
            (x.RepoDigests ?? []).FirstOrDefault(y =>
                y.StartsWith($"{NameAndTag(name).Name}@", StringComparison.Ordinal)
            ) ?? x.ID,
            [.. x.Config?.Volumes?.Keys ?? []],
            x.Config?.WorkingDir ?? ""
        );

    public static EngineEvent? Of(Message x) =>
        x.Actor?.Attributes is { } attributes && attributes.TryGetValue("name", out var name) && x.Action is { } action
            ? new(name, action, DateTimeOffset.UnixEpoch.AddTicks((x.TimeNano ?? 0) / 100))
            {
                Id = x.Actor.ID ?? "",
                Signal = attributes.TryGetValue("signal", out var signal) ? signal : null,
            }
            : null;

    /// <summary>Splits an image reference. Without a tag the engine would fetch every tag there is.</summary>
    public static (string Name, string Tag) NameAndTag(string image)
    {
        if (image.IndexOf('@') is var digest and > 0)
            return (image[..digest], image[(digest + 1)..]);
        var colon = image.LastIndexOf(':');
        return colon > image.LastIndexOf('/') ? (image[..colon], image[(colon + 1)..]) : (image, "latest");
    }

    public static string MessageOf(DockerApiException e)
    {
        try
        {
            return JsonDocument.Parse(e.ResponseBody ?? "").RootElement.TryGetProperty("message", out var message)
                ? OneLine(message.GetString() ?? "")
                : OneLine(e.Message);
        }
        catch (JsonException)
        {
            return OneLine(e.Message);
        }
    }

    static string OneLine(string text) =>
        string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    // The engine writes 0001-01-01T00:00:00Z for "never".
    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at)
        && at.Year > 1
            ? at
            : null;
}
