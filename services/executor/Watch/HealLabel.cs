namespace Nightshift.Executor.Watch;

/// <summary>The label that asks for healing. Only containers with it are watched, and only they are touched.</summary>
public static class HealLabel
{
    /// <summary>Its name.</summary>
    public const string Name = "nightshift.heal";

    /// <summary>
    /// Its value for a container that is healed when it fails; a stop that was asked for is no failure.
    /// </summary>
    public const string Failures = "true";

    /// <summary>Its value for a container that is to run always: a stop that was asked for is undone too.</summary>
    public const string Always = "always";

    /// <summary>True when a container with these labels is watched.</summary>
    public static bool IsWatched(IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault(Name) is Failures or Always;

    /// <summary>True when a stop that was asked for counts as a failure.</summary>
    public static bool UndoesStops(IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault(Name) is Always;
}
