namespace Nightshift.Contracts;

/// <summary>Reasons for the end of an attempt on which several services decide.</summary>
public static class FailureReason
{
    /// <summary>The kernel killed a process of the task for memory.</summary>
    public const string OutOfMemory = "oom";
}
