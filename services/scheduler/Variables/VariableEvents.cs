namespace Nightshift.Scheduler.Variables;

/// <summary>A fact about one variable. Stored for ever: add properties, never rename or repurpose one.</summary>
/// <param name="Key">The variable.</param>
/// <param name="By">Who did it.</param>
/// <param name="At">When (UTC).</param>
public abstract record VariableEvent(string Key, string By, DateTimeOffset At);

/// <summary>The variable has this value from now on.</summary>
/// <param name="Key">The variable.</param>
/// <param name="Value">Its value; text that is a JSON object or list can be walked into by templates.</param>
/// <param name="Description">What it is, for people; null for nothing.</param>
/// <param name="By">Who set it.</param>
/// <param name="At">When (UTC).</param>
public sealed record VariableSet(string Key, string Value, string? Description, string By, DateTimeOffset At)
    : VariableEvent(Key, By, At);

/// <summary>There is no such variable any more.</summary>
public sealed record VariableDeleted(string Key, string By, DateTimeOffset At) : VariableEvent(Key, By, At);
