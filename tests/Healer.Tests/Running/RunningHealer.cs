using Nightshift.Healer.Cases;
using Nightshift.Plumbing.Auth;
using Nightshift.Testing;

namespace Nightshift.Healer.Tests.Running;

/// <summary>The whole service in this process.</summary>
static class RunningHealer
{
    public static async Task<RunningService> Start(
        TestInfrastructure infrastructure,
        string name,
        params string[] settings
    ) =>
        await RunningService.Start(
            await HealerService.Build(infrastructure.Arguments(settings), name),
            Role.Viewer,
            TestContext.Current.CancellationToken
        );

    extension(RunningService healer)
    {
        public Task<T> Get<T>(string path) => healer.Read<T>(path, TestContext.Current.CancellationToken);

        /// <summary>Waits for a case to come to a state; nothing announces it to the outside.</summary>
        public Task<CaseRow> Until(string target, string state) =>
            Eventually.Get(
                async token =>
                    (await healer.Read<CaseList>("/api/v2/healing", token)).Cases.FirstOrDefault(x =>
                        x.Target == target && x.State == state
                    ),
                $"{target} to be {state}",
                TestContext.Current.CancellationToken
            );
    }
}
