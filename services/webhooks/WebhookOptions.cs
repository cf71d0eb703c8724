namespace Nightshift.Webhooks;

/// <summary>
/// Settings of this service. Section <c>Nightshift:Webhooks</c>; environment
/// <c>Nightshift__Webhooks__HonourSkipMarks</c>.
/// </summary>
public sealed record WebhookOptions
{
    /// <summary>
    /// Whether a push starts nothing when its head commit's message holds <c>[skip ci]</c>, <c>[ci skip]</c>, <c>[no
    /// ci]</c>, <c>[skip actions]</c>, <c>[actions skip]</c> or <c>***NO_CI***</c>. Default true: a job that commits
    /// can so keep from starting itself.
    /// </summary>
    public bool HonourSkipMarks { get; init; } = true;
}
