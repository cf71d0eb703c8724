using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Docker.DotNet;
using Docker.DotNet.Models;
using Polly;

namespace Nightshift.Executor.Engines;

/// <summary>A Docker engine, 20.10 or newer. No API version is pinned: the engine then speaks its own.</summary>
/// <param name="docker">Talks to it.</param>
/// <param name="patience">What is tried again, and how often.</param>
/// <param name="startPatience">The same for the start of a container.</param>
public sealed class DockerEngine(IDockerClient docker, ResiliencePipeline patience, ResiliencePipeline startPatience)
    : IContainerEngine,
        IDisposable
{
    /// <summary>Room for the largest log entry the engine writes (16 KiB) and its time.</summary>
    const int ChunkSize = 32 * 1024;

    /// <inheritdoc/>
    public Task<EngineInfo> Info(CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                var info = await docker.System.GetSystemInfoAsync(token);
                return new EngineInfo(
                    EngineInfo.ShortId(info.ID),
                    info.ServerVersion,
                    info.MemoryLimit,
                    info.PidsLimit,
                    info.CPUCfsQuota,
                    info.CgroupVersion == "2" ? 2 : 1,
                    Has(info, "seccomp"),
                    Has(info, "apparmor")
                );
            },
            cancellationToken
        );

    static bool Has(SystemInfoResponse info, string option) =>
        (info.SecurityOptions ?? []).Any(x => x.StartsWith($"name={option}", StringComparison.Ordinal));

    /// <inheritdoc/>
    public Task<ImageFacts?> Image(string image, CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                try
                {
                    return DockerFacts.Of(image, await docker.Images.InspectImageAsync(image, token));
                }
                catch (DockerImageNotFoundException)
                {
                    return null;
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<Creation> Create(CreateContainerParameters parameters, CancellationToken cancellationToken) =>
        Call<Creation>(
            async token =>
            {
                try
                {
                    var made = await docker.Containers.CreateContainerAsync(parameters, token);
                    return new Creation.Made(made.ID, [.. made.Warnings ?? []]);
                }
                catch (DockerImageNotFoundException)
                {
                    return new Creation.ImageMissing();
                }
                catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
                {
                    return new Creation.NameTaken();
                }
                catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
                {
                    return new Creation.ImageMissing();
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<bool> HasFile(string container, string path, CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                try
                {
                    await docker.Containers.GetArchiveFromContainerAsync(
                        container,
                        new() { Path = path },
                        statOnly: true,
                        token
                    );
                    return true;
                }
                catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
                {
                    return false;
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task Start(string container, CancellationToken cancellationToken) =>
        Call(token => docker.Containers.StartContainerAsync(container, new(), token), cancellationToken, startPatience);

    /// <inheritdoc/>
    public Task<ContainerFacts?> Inspect(string container, CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                try
                {
                    return DockerFacts.Of(await docker.Containers.InspectContainerAsync(container, token));
                }
                catch (DockerContainerNotFoundException)
                {
                    return null;
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task WaitForExit(string container, CancellationToken cancellationToken) =>
        Translate(
            async () =>
            {
                try
                {
                    await docker.Containers.WaitContainerAsync(container, cancellationToken);
                }
                catch (DockerContainerNotFoundException) { }
                return true;
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<bool> HasProcesses(string container, CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                try
                {
                    var top = await docker.Containers.ListProcessesAsync(
                        container,
                        new ContainerListProcessesParameters(),
                        token
                    );
                    return top.Processes is { Count: > 0 };
                }
                catch (DockerApiException) // not running, or a host without ps
                {
                    return true;
                }
            },
            cancellationToken
        );

    // The engine keeps its latest 256 events in memory only: one that was restarted has none of before. It writes this
    // one down shortly after the end, hence the second.
    /// <inheritdoc/>
    public Task<bool> SawEnd(string container, DateTimeOffset finishedAt, CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                var now = (await docker.System.GetSystemInfoAsync(token)).SystemTime;
                var saw = false;
                var filters = new Dictionary<string, IDictionary<string, bool>>
                {
                    ["container"] = new Dictionary<string, bool> { [container] = true },
                    ["event"] = new Dictionary<string, bool> { ["die"] = true },
                };
                await docker.System.MonitorEventsAsync(
                    new()
                    {
                        Since = Seconds(finishedAt.AddSeconds(-1)),
                        Until = Seconds(DockerFacts.Time(now)?.AddSeconds(1) ?? finishedAt.AddSeconds(1)),
                        Filters = filters,
                    },
                    new Heard<Message>(_ => saw = true),
                    token
                );
                return saw;
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogChunk> Logs(
        string container,
        DateTimeOffset? since,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var asked = new ContainerLogsParameters
        {
            ShowStdout = true,
            ShowStderr = true,
            Follow = true,
            Timestamps = true,
            Since = since is { } from ? Seconds(from) : null,
        };
        using var stream = await Translate(
            () => docker.Containers.GetContainerLogsAsync(container, asked, cancellationToken),
            cancellationToken
        );
        var buffer = new byte[ChunkSize];
        while (true)
        {
            var read = await Translate(
                () => stream.ReadOutputAsync(buffer, 0, buffer.Length, cancellationToken),
                cancellationToken
            );
            if (read.EOF)
                yield break;
            yield return new(
                read.Target == MultiplexedStream.TargetStream.StandardError,
                buffer.AsMemory(0, read.Count)
            );
        }
    }

    /// <inheritdoc/>
    public Task Stop(string container, TimeSpan grace, CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                try
                {
                    return await docker.Containers.StopContainerAsync(
                        container,
                        new() { WaitBeforeKillSeconds = (uint)grace.TotalSeconds },
                        token
                    );
                }
                catch (DockerContainerNotFoundException)
                {
                    return false;
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task Restart(string container, TimeSpan grace, CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                await docker.Containers.RestartContainerAsync(
                    container,
                    new() { WaitBeforeKillSeconds = (uint)grace.TotalSeconds },
                    token
                );
                return true;
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task Remove(string container, CancellationToken cancellationToken) =>
        Call(
            async token =>
            {
                try
                {
                    await docker.Containers.RemoveContainerAsync(
                        container,
                        new() { Force = true, RemoveVolumes = true },
                        token
                    );
                }
                catch (DockerContainerNotFoundException) { }
                // somebody else's removal is under way
                catch (DockerApiException e) when (e.StatusCode == HttpStatusCode.Conflict) { }
                return true;
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public async Task Pull(string image, CancellationToken cancellationToken)
    {
        var (name, tag) = DockerFacts.NameAndTag(image);
        string? refusal = null;
        var progress = new Heard<JSONMessage>(x => refusal = x.Error?.Message ?? refusal);
        await Translate(
            async () =>
            {
                await docker.Images.CreateImageAsync(
                    new() { FromImage = name, Tag = tag },
                    new AuthConfig(),
                    progress,
                    cancellationToken
                );
                return true;
            },
            cancellationToken
        );
        if (refusal is not null)
            throw new EngineException(refusal);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> List(string label, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<string>>(
            async token =>
            {
                var all = await docker.Containers.ListContainersAsync(
                    new() { All = true, Filters = Filter("label", label) },
                    token
                );
                return [.. all.Select(x => x.Names.FirstOrDefault()?.TrimStart('/')).OfType<string>()];
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task Listen(
        string label,
        DateTimeOffset since,
        Action<EngineEvent> heard,
        CancellationToken cancellationToken
    )
    {
        var filters = Filter("label", label);
        filters["type"] = new Dictionary<string, bool> { ["container"] = true };
        var progress = new Heard<Message>(x =>
        {
            if (DockerFacts.Of(x) is { } e)
                heard(e);
        });
        return Translate(
            async () =>
            {
                await docker.System.MonitorEventsAsync(
                    new() { Since = Seconds(since), Filters = filters },
                    progress,
                    cancellationToken
                );
                return true;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EngineEvent>> RecentEvents(string label, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<EngineEvent>>(
            async token =>
            {
                // Up to the engine's own time: up to a later one it would wait for more.
                var info = await docker.System.GetSystemInfoAsync(token);
                var now = DockerFacts.Time(info.SystemTime) ?? throw new EngineException("The engine tells no time");
                var filters = Filter("label", label);
                filters["type"] = new Dictionary<string, bool> { ["container"] = true };
                var events = new List<EngineEvent>();
                await docker.System.MonitorEventsAsync(
                    new()
                    {
                        Since = Seconds(now - TimeSpan.FromDays(1)),
                        Until = Seconds(now),
                        Filters = filters,
                    },
                    new Heard<Message>(x =>
                    {
                        if (DockerFacts.Of(x) is { } e)
                            events.Add(e);
                    }),
                    token
                );
                return events;
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public void Dispose() => docker.Dispose();

    async Task<T> Call<T>(
        Func<CancellationToken, Task<T>> call,
        CancellationToken cancellationToken,
        ResiliencePipeline? retries = null
    ) =>
        await Translate(
            async () => await (retries ?? patience).ExecuteAsync(async token => await call(token), cancellationToken),
            cancellationToken
        );

    // The client throws what its socket threw; the rest of the executor knows one exception.
    static async Task<T> Translate<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (DockerApiException e)
        {
            throw new EngineException(DockerFacts.MessageOf(e), e);
        }
        catch (Exception e) when (IsAway(e))
        {
            cancellationToken.ThrowIfCancellationRequested(); // a cancelled stream may end in any of these
            throw new EngineException($"The Docker engine does not answer: {e.Message}", e, unreachable: true);
        }
    }

    /// <summary>True for what the client throws when the engine is not there.</summary>
    internal static bool IsAway(Exception e) =>
        e is HttpRequestException or IOException or SocketException or TimeoutException or ObjectDisposedException;

    static Dictionary<string, IDictionary<string, bool>> Filter(string name, string value) =>
        new() { [name] = new Dictionary<string, bool> { [value] = true } };

    static string Seconds(DateTimeOffset at) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{at.ToUnixTimeSeconds()}.{at.UtcTicks % TimeSpan.TicksPerSecond * 100:D9}"
        );

    // Progress<T> hands its items to the thread pool and so reorders them.
    sealed class Heard<T>(Action<T> heard) : IProgress<T>
    {
        public void Report(T value) => heard(value);
    }
}
