using Nightshift.Contracts;

namespace Nightshift.Executor.Tests.Running;

static class Tasks
{
    public const string Image = "localhost/nightshift/toolbox";

    static int runs;

    /// <summary>An attempt nobody else has, with limits that stay out of the way.</summary>
    public static StartAttempt Shell(
        string script,
        int memoryMiB = 64,
        int timeoutSeconds = 60,
        Dictionary<string, string>? env = null
    ) => Of("container", ["sh", "-c", script], env) with { MemoryMiB = memoryMiB, TimeoutSeconds = timeoutSeconds };

    public static StartAttempt Noop() => Of("noop", [], env: null) with { Image = "" };

    static StartAttempt Of(string kind, IReadOnlyList<string> command, Dictionary<string, string>? env)
    {
        var run = $"manual__test__{Guid.NewGuid():N}-{Interlocked.Increment(ref runs)}";
        return new(
            $"{run}.work.1",
            run,
            "test",
            "work",
            1,
            kind,
            Image,
            command,
            env ?? [],
            60,
            64,
            1,
            DateTimeOffset.UnixEpoch
        );
    }
}
