using System.Text.Json;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

public sealed class EngineTests
{
    [Fact]
    public void An_engine_that_enforces_all_limits_is_taken() =>
        Assert.Null(new EngineInfo(true, true, true, "28", ["name=apparmor", "name=seccomp,profile=builtin"]).Refusal);

    [Fact]
    public void An_engine_that_does_not_filter_system_calls_is_refused() =>
        Assert.Contains(
            "does not filter system calls (seccomp)",
            new EngineInfo(true, true, true, "28", ["name=apparmor"]).Refusal,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(false, true, true, "memory")]
    [InlineData(true, false, true, "processes")]
    [InlineData(true, true, false, "CPU time")]
    [InlineData(false, false, false, "memory or processes or CPU time")]
    public void An_engine_that_cannot_limit_is_refused_by_name(bool memory, bool pids, bool cpu, string named) =>
        Assert.Contains(
            $"cannot limit {named} of",
            new EngineInfo(memory, pids, cpu, "28", ["name=seccomp,profile=builtin"]).Refusal,
            StringComparison.Ordinal
        );

    [Fact]
    public void What_the_engine_leaves_out_it_cannot_do() =>
        Assert.NotNull(
            JsonSerializer.Deserialize<EngineInfo>("""{"ServerVersion":"5.0","MemoryLimit":true}""")?.Refusal
        );

    [Fact]
    public void A_failed_import_is_found_among_the_lines_of_a_good_answer() =>
        Assert.Equal(
            "no space",
            Toolbox.ErrorIn(
                "{\"status\":\"importing\"}\r\n{\"errorDetail\":{\"message\":\"no space\"},\"error\":\"no space\"}\r\n"
            )
        );

    [Fact]
    public void A_good_import_has_no_error() => Assert.Null(Toolbox.ErrorIn("{\"status\":\"sha256:abc\"}\r\n"));

    [Fact]
    public void A_changed_recipe_has_another_tag() =>
        Assert.NotEqual(Toolbox.Tag("a"u8.ToArray()), Toolbox.Tag("b"u8.ToArray()));
}
