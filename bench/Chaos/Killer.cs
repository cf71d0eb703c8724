using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.Chaos;

/// <summary>Carries out a plan of kills, each of them into a burst of runs.</summary>
sealed class Killer(Home home, SystemUnderTest system, Load load, TimeProvider clock, Action<FormattableString> say)
{
    /// <summary>Runs of noop tasks that begin just before a kill, beside one of containers.</summary>
    const int BurstRuns = 20;

    /// <summary>How long the load runs before the first kill, to see what the machine itself does to it.</summary>
    static readonly TimeSpan Undisturbed = TimeSpan.FromSeconds(10);

    /// <summary>A burst that has not ended by then is left to the checks.</summary>
    static readonly TimeSpan LongestBurst = TimeSpan.FromMinutes(2);

    /// <summary>How long a part may take to be running again before that is a violation.</summary>
    static readonly TimeSpan LongestAbsence = TimeSpan.FromMinutes(2);

    /// <summary>How long a process is stopped, and how long the system does without its supervisor.</summary>
    static readonly TimeSpan Suspension = TimeSpan.FromSeconds(40),
        WithoutSupervisor = TimeSpan.FromSeconds(10);

    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    readonly PartProcesses processes = new(home);
    readonly List<Disturbance> disturbances = [];
    readonly List<Violation> violations = [];

    /// <summary>What was done, in order.</summary>
    public IReadOnlyList<Disturbance> Disturbances => disturbances;

    /// <summary>Parts that did not come back, and kills for which there was no time.</summary>
    public IReadOnlyList<Violation> Violations => violations;

    public async Task Work(IReadOnlyList<PlannedKill> plan, TimeSpan limit, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        await Burst(cancellationToken);
        await Task.Delay(Undisturbed, clock, cancellationToken);
        foreach (var (i, kill) in plan.Index())
        {
            if (clock.GetElapsedTime(since) > limit)
            {
                violations.Add(new(kill.Part, Promise.DoneInTime, $"{plan.Count - i} kills were left undone"));
                return;
            }
            say($"{i + 1} of {plan.Count}: a burst, then {kill.Part}");
            var burst = Burst(cancellationToken);
            await Task.Delay(kill.AfterBurst, clock, cancellationToken);
            await Disturb(kill.Part, cancellationToken);
            if (kill.Settle)
                await burst;
        }
        await Burst(cancellationToken); // what the last kill broke has time to show
    }

    async Task Burst(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestBurst);
        try
        {
            await Task.WhenAll(
                load.Burst(ChaosDags.Chain, BurstRuns, limit.Token),
                load.Burst(ChaosDags.Containers, 1, limit.Token)
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { }
    }

    async Task Disturb(string part, CancellationToken cancellationToken)
    {
        var name = part switch
        {
            KillPlan.StoppedScheduler => "scheduler",
            KillPlan.StoppedExecutor => "executor",
            _ => part,
        };
        if (await Find(name, except: null, cancellationToken) is not { } process)
            return;
        say($"{part}: process {process.Pid}");
        disturbances.Add(new(part, clock.GetUtcNow()));
        switch (part)
        {
            case KillPlan.StoppedScheduler or KillPlan.StoppedExecutor:
                await Suspend(process, cancellationToken);
                return;
            case "supervisor":
                PartProcesses.Kill(process);
                await Task.Delay(WithoutSupervisor, clock, cancellationToken);
                disturbances.Add(new(KillPlan.Restart, clock.GetUtcNow()));
                say($"up again after {await system.Up():0.0} s");
                return;
            default:
                PartProcesses.Kill(process);
                await Find(name, except: process, cancellationToken);
                return;
        }
    }

    async Task Suspend(ProcessMark process, CancellationToken cancellationToken)
    {
        PartProcesses.Suspend(process);
        try
        {
            await Task.Delay(Suspension, clock, cancellationToken);
        }
        finally
        {
            say($"{(PartProcesses.Resume(process) ? "it goes on" : "it was killed meanwhile")}");
        }
    }

    /// <summary>Waits for the part to run.</summary>
    /// <param name="except">The process it ran as before.</param>
    async Task<ProcessMark?> Find(string part, ProcessMark? except, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        using var pulse = new PeriodicTimer(BetweenLooks, clock);
        while (clock.GetElapsedTime(since) < LongestAbsence && await pulse.WaitForNextTickAsync(cancellationToken))
            if (processes.Of(part) is { } process && process != except)
                return process;
        violations.Add(new(part, Promise.IsBack, $"{part} did not run within {LongestAbsence.TotalSeconds:0} s"));
        return null;
    }
}
