using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Streams;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>The probe service in this process.</summary>
static class ProbeHost
{
    /// <summary>Surroundings in which nothing is heard of what an earlier test told.</summary>
    public static async Task<Surroundings> Surroundings(string name, CancellationToken cancellationToken)
    {
        var surroundings = await Testing.Surroundings.Prepare(name, cancellationToken);
        await surroundings.DeleteQueue("probe-number-counted", cancellationToken);
        return surroundings;
    }

    public static async Task<RunningService> Start(Surroundings surroundings, CancellationToken cancellationToken) =>
        await RunningService.Start(
            await ProbeService.Build(surroundings.Arguments()),
            Role.Operator,
            cancellationToken
        );

    extension(RunningService host)
    {
        public StreamStore<Tally> Tallies => host.Get<StreamStore<Tally>>();

        public Task Heard(string tally, int count, CancellationToken cancellationToken) =>
            Eventually.Is(
                async token =>
                    (await host.Get<StreamStore<Heard>>().Load($"tally-{tally}", token)).State.Numbers.Count >= count,
                $"{count} numbers of {tally} to be heard",
                cancellationToken
            );
    }
}
