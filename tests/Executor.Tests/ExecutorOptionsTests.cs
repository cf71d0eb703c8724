using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Executor.Tests;

public sealed class ExecutorOptionsTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("gpu-2")]
    [InlineData("engine")]
    public void A_queue_is_named_in_lower_case_letters_digits_and_dashes(string name) =>
        OptionsCheck.Require(new ExecutorOptions { Queues = [name] });

    [Theory]
    [InlineData("team/gpu")]
    [InlineData("big box")]
    [InlineData("GPU")]
    [InlineData("engine-1")] // an engine's own
    [InlineData("")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789g")]
    public void A_queue_that_cannot_be_is_refused(string name) =>
        Assert.Contains(
            $"names '{name}'; write 1 to 60",
            Assert.Single(
                Assert
                    .Throws<OptionsValidationException>(() =>
                        OptionsCheck.Require(new ExecutorOptions { Queues = ["default", name] })
                    )
                    .Failures
            )
        );
}
