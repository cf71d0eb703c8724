using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Docker.DotNet.Models;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Tests.Running;

/// <summary>
/// The real engine, which goes away and comes back when a test says so. Away, it takes no call, and those under way are
/// lost. It can also pass for another engine, answer slowly, or stop confining.
/// </summary>
sealed class LeavingEngine(string? engineId = null) : IContainerEngine, IDisposable
{
    /// <summary>What it says then.</summary>
    const string Away = "The engine is away";

    readonly DockerEngine engine = EngineSetup.Connect(RunningExecutor.Docker, TimeProvider.System);
    readonly ConcurrentQueue<string> refused = [];
    readonly ConcurrentDictionary<string, int> inspected = [];
    TaskCompletionSource left = new();
    string? leavesAt;
    readonly ConcurrentDictionary<string, bool> names = [];
    CancellationTokenSource away = new();

    /// <summary>The calls it did not take.</summary>
    public IReadOnlyCollection<string> Refused => refused;

    /// <summary>How often a container was looked at.</summary>
    public int Inspected(string container) => inspected.GetValueOrDefault(container);

    /// <summary>Goes away at the next such call.</summary>
    /// <returns>Ends when it has.</returns>
    public Task LeaveAt(string call)
    {
        left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref leavesAt, call);
        return left.Task.WaitAsync(Testing.Eventually.Deadline, TestContext.Current.CancellationToken);
    }

    public Task Leave() => away.CancelAsync();

    public void Return() => away = new();

    /// <summary>What its description waits for.</summary>
    public Task InfoAnswers { get; set; } = Task.CompletedTask;

    /// <summary>Whether it says that it limits memory.</summary>
    public bool LimitsMemory { get; set; } = true;

    /// <summary>Thrown instead of looking at an image.</summary>
    public Exception? Defect { get; set; }

    /// <summary>How often it was asked for a container.</summary>
    public int Created => names.Count;

    public async Task<EngineInfo> Info(CancellationToken cancellationToken)
    {
        await InfoAnswers.WaitAsync(cancellationToken);
        var info = await Call(engine.Info, cancellationToken);
        return info with { EngineId = engineId ?? info.EngineId, LimitsMemory = info.LimitsMemory && LimitsMemory };
    }

    public Task<bool> HasProcesses(string container, CancellationToken cancellationToken) =>
        Call(x => engine.HasProcesses(container, x), cancellationToken);

    public Task<bool> SawEnd(string container, DateTimeOffset finishedAt, CancellationToken cancellationToken) =>
        Call(x => engine.SawEnd(container, finishedAt, x), cancellationToken);

    public Task<ImageFacts?> Image(string image, CancellationToken cancellationToken) =>
        Defect is { } defect ? throw defect : Call(x => engine.Image(image, x), cancellationToken);

    public Task<Creation> Create(CreateContainerParameters parameters, CancellationToken cancellationToken)
    {
        names[parameters.Name!] = true;
        return Call(x => engine.Create(parameters, x), cancellationToken);
    }

    public Task<bool> HasFile(string container, string path, CancellationToken cancellationToken) =>
        Call(x => engine.HasFile(container, path, x), cancellationToken);

    public Task Start(string container, CancellationToken cancellationToken) =>
        Call(x => engine.Start(container, x), cancellationToken);

    public Task<ContainerFacts?> Inspect(string container, CancellationToken cancellationToken)
    {
        inspected.AddOrUpdate(container, 1, (_, times) => times + 1);
        return Call(x => engine.Inspect(container, x), cancellationToken);
    }

    public Task WaitForExit(string container, CancellationToken cancellationToken) =>
        Call(x => engine.WaitForExit(container, x), cancellationToken);

    public async IAsyncEnumerable<LogChunk> Logs(
        string container,
        DateTimeOffset? since,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, away.Token);
        await using var chunks = engine.Logs(container, since, end.Token).GetAsyncEnumerator(CancellationToken.None);
        while (await Call(async _ => await chunks.MoveNextAsync(), cancellationToken))
            yield return chunks.Current;
    }

    public Task Stop(string container, TimeSpan grace, CancellationToken cancellationToken) =>
        Call(x => engine.Stop(container, grace, x), cancellationToken);

    public Task Restart(string container, TimeSpan grace, CancellationToken cancellationToken) =>
        Call(x => engine.Restart(container, grace, x), cancellationToken);

    public Task Remove(string container, CancellationToken cancellationToken) =>
        Call(x => engine.Remove(container, x), cancellationToken);

    public Task Pull(string image, CancellationToken cancellationToken) =>
        Call(x => engine.Pull(image, x), cancellationToken);

    public async Task<IReadOnlyList<string>> List(string label, CancellationToken cancellationToken)
    {
        var all = await Call(x => engine.List(label, x), cancellationToken);
        return engineId is null ? all : [.. all.Where(names.ContainsKey)]; // another engine has its own only
    }

    public Task Listen(
        string label,
        DateTimeOffset since,
        Action<EngineEvent> heard,
        CancellationToken cancellationToken
    ) => Call(x => engine.Listen(label, since, heard, x), cancellationToken);

    public Task<IReadOnlyList<EngineEvent>> RecentEvents(string label, CancellationToken cancellationToken) =>
        Call(x => engine.RecentEvents(label, x), cancellationToken);

    public void Dispose()
    {
        engine.Dispose();
        away.Dispose();
    }

    Task Call(
        Func<CancellationToken, Task> call,
        CancellationToken cancellationToken,
        [CallerMemberName] string name = ""
    ) =>
        Call(
            async x =>
            {
                await call(x);
                return true;
            },
            cancellationToken,
            name
        );

    async Task<T> Call<T>(
        Func<CancellationToken, Task<T>> call,
        CancellationToken cancellationToken,
        [CallerMemberName] string name = ""
    )
    {
        if (Interlocked.CompareExchange(ref leavesAt, null, name) == name)
        {
            await away.CancelAsync();
            left.SetResult();
        }
        var gone = away.Token;
        if (gone.IsCancellationRequested)
        {
            refused.Enqueue(name);
            throw new EngineException(Away, unreachable: true);
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, gone);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException)
            when (gone.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new EngineException("The engine went away", unreachable: true);
        }
    }
}
