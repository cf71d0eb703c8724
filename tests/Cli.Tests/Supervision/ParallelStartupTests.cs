using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Tests.Supervision;

public sealed class ParallelStartupTests
{
    [Fact]
    public async Task One_failure_cancels_the_others_and_is_the_one_reported()
    {
        var cancelled = false;

        var problem = await Assert.ThrowsAsync<ProblemException>(() =>
            ParallelStartup.Run(
                [
                    async c =>
                    {
                        try
                        {
                            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c);
                        }
                        finally
                        {
                            cancelled = true;
                        }
                    },
                    async _ =>
                    {
                        await Task.Yield();
                        throw new ProblemException("no");
                    },
                ],
                TestContext.Current.CancellationToken
            )
        );

        Assert.Equal("no", problem.Message);
        Assert.True(cancelled);
    }
}
