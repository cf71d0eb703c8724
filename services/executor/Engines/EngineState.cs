namespace Nightshift.Executor.Engines;

/// <summary>What is known of the engine.</summary>
/// <param name="Problem">Why it cannot be used, as a sentence; null when it can.</param>
public abstract record EngineState(string? Problem)
{
    /// <summary>It answers and can confine tasks.</summary>
    public sealed record Usable() : EngineState(Problem: null);

    /// <summary>It does not answer.</summary>
    public sealed record Unreachable(string Why) : EngineState(Why);

    /// <summary>It answers, but tasks would not be confined, or it is not the engine that was here before.</summary>
    public sealed record Refused(string Why) : EngineState(Why);
}

/// <summary>The engine answers and cannot be used; whatever was wanted of it waits until it can.</summary>
/// <param name="why">One sentence for a person.</param>
public sealed class EngineRefusedException(string why) : Exception(why);
