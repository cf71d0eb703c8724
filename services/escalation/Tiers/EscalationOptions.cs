using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Nightshift.Escalation.Tiers;

/// <summary>
/// Who is told when. Section <c>Escalation</c>; environment <c>Escalation__Tiers__0__After</c> and so on.
/// </summary>
public sealed record EscalationOptions : IValidatableObject
{
    /// <summary>
    /// The tiers in order, 1 to 9. None (the default) means three: at once by log and status, 5 minutes later and
    /// another 15 minutes later the same and, when a <see cref="Command"/> is configured, by command. Configuring any
    /// replaces all three. A running incident keeps the tiers it was raised with.
    /// </summary>
    public IReadOnlyList<TierOptions> Tiers { get; init; } = [];

    /// <summary>
    /// The local command of channel <c>command</c>: an absolute path, then its arguments, run without a shell. It gets
    /// the incident as JSON on its standard input and as <c>NIGHTSHIFT_INCIDENT_*</c> variables. Empty (the default):
    /// there is none.
    /// </summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>How long the command may run before it is killed; 1 s to 5 min, default 10 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest delay of a tier.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromDays(30);

    const int MostTiers = 9;

    /// <summary>The tiers in force, tier 1 first.</summary>
    public IReadOnlyList<Tier> Effective =>
        Tiers.Count > 0 ? [.. Tiers.Select(x => new Tier(x.After, x.Channels))] : Defaults(Command.Count > 0);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Tiers.Count > MostTiers)
            yield return new($"Escalation:Tiers has {Tiers.Count} entries; at most {MostTiers} make sense");
        foreach (var mistake in Tiers.SelectMany(Mistakes))
            yield return new(mistake);
        if (Command.Count > 0 && !Path.IsPathFullyQualified(Command[0]))
            yield return new(
                $"Escalation:Command:0 is '{Command[0]}'; give the absolute path of the program, its arguments "
                    + "as further entries"
            );
        if (CommandTimeout < TimeSpan.FromSeconds(1) || CommandTimeout > TimeSpan.FromMinutes(5))
            yield return new("Escalation:CommandTimeout must be a time from 00:00:01 to 00:05:00");
    }

    IEnumerable<string> Mistakes(TierOptions tier, int index)
    {
        var at = string.Create(CultureInfo.InvariantCulture, $"Escalation:Tiers:{index}");
        if (tier.After < TimeSpan.Zero || tier.After > LongestDelay)
            yield return $"{at}:After is {tier.After}; it must be a time from 00:00:00 to 30.00:00:00";
        if (tier.Channels.Count == 0)
            yield return $"{at}:Channels is empty; name at least one of {string.Join(", ", ChannelNames.All)}";
        foreach (var unknown in tier.Channels.Except(ChannelNames.All))
            yield return $"{at}:Channels names '{unknown}'; there are {string.Join(", ", ChannelNames.All)}";
        if (tier.Channels.Distinct().Count() < tier.Channels.Count)
            yield return $"{at}:Channels names a channel twice";
        if (tier.Channels.Contains(ChannelNames.Command) && Command.Count == 0)
            yield return $"{at}:Channels names 'command', but Escalation:Command is not set";
    }

    static IReadOnlyList<Tier> Defaults(bool withCommand)
    {
        string[] quiet = [ChannelNames.Log, ChannelNames.Status];
        string[] loud = withCommand ? [.. quiet, ChannelNames.Command] : quiet;
        return [new(TimeSpan.Zero, quiet), new(TimeSpan.FromMinutes(5), loud), new(TimeSpan.FromMinutes(15), loud)];
    }
}

/// <summary>One tier as configured.</summary>
public sealed record TierOptions
{
    /// <summary>
    /// Time after entering the tier before it, or after the incident was raised for the first; 0 to 30 days, default 0.
    /// </summary>
    public TimeSpan After { get; init; }

    /// <summary>Who is told: <c>log</c>, <c>status</c>, <c>command</c>; at least one.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];
}

/// <summary>The channels there are.</summary>
public static class ChannelNames
{
    /// <summary>One structured log line.</summary>
    public const string Log = "log";

    /// <summary>The status page asks for a person.</summary>
    public const string Status = "status";

    /// <summary>A local command.</summary>
    public const string Command = "command";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Log, Status, Command];
}
