using System.Net;
using Docker.DotNet;
using Polly;
using Polly.Retry;

namespace Nightshift.Executor.Engines;

/// <summary>How the executor reaches its engine.</summary>
public static class EngineSetup
{
    /// <summary>
    /// Tries after the first one; with pauses that double up to <see cref="LongestPause"/> they cover an engine's
    /// restart, about 21 seconds.
    /// </summary>
    public const int Retries = 22;

    /// <summary>Wait before the first retry.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Wait between later retries: how long a task may wait for an engine that is back already.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Connects to an engine.</summary>
    /// <param name="endpoint"><c>unix:///path</c> or <c>tcp://host:port</c>; null takes <c>DOCKER_HOST</c> or the usual
    /// socket.</param>
    /// <param name="clock">Measures the waits between retries.</param>
    public static DockerEngine Connect(string? endpoint, TimeProvider clock)
    {
        var builder = new DockerClientBuilder();
        if (endpoint is { Length: > 0 })
            builder = builder.WithEndpoint(new Uri(endpoint));
        return new DockerEngine(builder.Build(), Patience(clock, IsFault), Patience(clock, IsContainerdAway));
    }

    static ResiliencePipeline Patience(TimeProvider clock, Func<DockerApiException, bool> mayPass) =>
        new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<Exception>(DockerEngine.IsAway).Handle(mayPass),
                    MaxRetryAttempts = Retries,
                    Delay = FirstPause,
                    MaxDelay = LongestPause,
                    BackoffType = DelayBackoffType.Exponential,
                }
            )
            .Build();

    static bool IsFault(DockerApiException e) => e.StatusCode >= HttpStatusCode.InternalServerError;

    // Of a start nothing else passes: it is the runtime's refusal ("no such executable"), or what containerd keeps of a
    // start during which it or the engine was killed. Another attempt has another container, which begins at once. The
    // word is gRPC's, and the last of the engine's message.
    static bool IsContainerdAway(DockerApiException e) =>
        IsFault(e) && (e.ResponseBody ?? "").Contains("unavailable", StringComparison.Ordinal);
}
