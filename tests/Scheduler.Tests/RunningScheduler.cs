using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Auth;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests;

/// <summary>The whole service in this process, over a folder of DAG files.</summary>
static class RunningScheduler
{
    public static async Task<RunningService> Start(
        TestInfrastructure infrastructure,
        string folder,
        params string[] settings
    ) => await Start(infrastructure, folder, configure: null, settings);

    public static async Task<RunningService> Start(
        TestInfrastructure infrastructure,
        string folder,
        Action<IServiceCollection>? configure,
        params string[] settings
    ) =>
        await RunningService.Start(
            await SchedulerService.Build(
                infrastructure.Arguments([$"--Nightshift:DagsDirectory={folder}", .. settings]),
                configure
            ),
            Role.Operator,
            TestContext.Current.CancellationToken
        );
}
