using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Nightshift.Scheduler.Runs;

/// <summary>How long a task waits before it is tried again: Airflow's formula, with its deterministic jitter.</summary>
public static class RetryDelay
{
    /// <summary>
    /// Without backoff <see cref="TaskSpec.RetryDelay"/>. With it, that delay times the multiplier for each failure
    /// before this one, in whole seconds and at least one, is the least wait; the jitter makes it less than twice as
    /// long. The jitter is a hash of what is tried, so the same attempt always waits the same time.
    /// </summary>
    /// <param name="spec">The task.</param>
    /// <param name="dagId">Its DAG.</param>
    /// <param name="logicalDate">The logical date of its run.</param>
    /// <param name="tries">How many attempts have failed by the task's own fault since it was last cleared; 1 after the
    /// first.</param>
    public static TimeSpan Of(TaskSpec spec, string dagId, DateTimeOffset logicalDate, int tries)
    {
        if (spec.RetryExponentialBackoff <= 0)
            return spec.RetryDelay;
        var exact = Math.Ceiling(spec.RetryDelay.TotalSeconds * Math.Pow(spec.RetryExponentialBackoff, tries - 1));
        var least = (long)Math.Clamp(exact, 1, TaskSpec.LongestRetryDelay.TotalSeconds);
        var jitter = (long)(Hash($"{dagId}#{spec.TaskId}#{Written(logicalDate)}#{tries}") % least);
        var delay = TimeSpan.FromSeconds(Math.Min(least + jitter, (long)TaskSpec.LongestRetryDelay.TotalSeconds));
        return spec.MaxRetryDelay is { } most && most < delay ? most : delay;
    }

    // Airflow hashes what Python writes of the date.
    static string Written(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        var format =
            utc.Ticks % TimeSpan.TicksPerSecond / 10 == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.ffffff";
        return utc.ToString(format, CultureInfo.InvariantCulture) + "+00:00";
    }

#pragma warning disable CA5350 // Airflow's jitter is defined with SHA-1; it protects nothing
    static BigInteger Hash(string text) =>
        new(SHA1.HashData(Encoding.UTF8.GetBytes(text)), isUnsigned: true, isBigEndian: true);
#pragma warning restore CA5350
}
