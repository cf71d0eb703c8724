using Nightshift.Plumbing.Status;

namespace Nightshift.Gateway.Status;

/// <summary>How one service is.</summary>
/// <param name="Name">As shown: <c>Self-Healing</c>.</param>
/// <param name="State">A few words: <c>Healthy</c>, <c>Running (14 hours)</c>, <c>Down (…)</c>.</param>
/// <param name="Ok">False when a person should look.</param>
/// <param name="Since">When it started (UTC); null when it is down.</param>
public sealed record ServiceLine(string Name, string State, bool Ok, DateTimeOffset? Since);

/// <summary>How everything is.</summary>
/// <param name="Ok">True when every service is.</param>
/// <param name="Services">In a fixed order.</param>
/// <param name="RecentActions">The newest ten of all services, oldest first.</param>
/// <param name="At">When the services were asked (UTC).</param>
public sealed record SystemStatus(
    bool Ok,
    IReadOnlyList<ServiceLine> Services,
    IReadOnlyList<RecentAction> RecentActions,
    DateTimeOffset At
)
{
    /// <summary>How many actions are shown.</summary>
    public const int ShownActions = 10;

    /// <summary>Puts the services' answers together.</summary>
    /// <param name="answers">In the order to show: a service's title with its answer, or with why there is
    /// none.</param>
    /// <param name="at">When they were asked.</param>
    /// <param name="supervisor">What is wrong with the supervisor; null when nothing is.</param>
    /// <param name="restarts">What the supervisor restarted lately.</param>
    public static SystemStatus Of(
        IReadOnlyList<(string Title, ServiceStatus? Answer, string? Why)> answers,
        DateTimeOffset at,
        ServiceLine? supervisor = null,
        IReadOnlyList<RecentAction>? restarts = null
    ) =>
        new(
            Ok: answers.All(x => x.Answer is { Ok: true }) && supervisor is null,
            [
                .. answers.Select(x =>
                    x.Answer is { } answer
                        ? new ServiceLine(x.Title, answer.State, answer.Ok, answer.Since)
                        : new(x.Title, $"Down ({x.Why})", Ok: false, Since: null)
                ),
                .. supervisor is null ? Array.Empty<ServiceLine>() : [supervisor],
            ],
            [
                .. answers
                    .SelectMany(x => x.Answer?.Actions ?? [])
                    .Concat(restarts ?? [])
                    .OrderByDescending(x => x.At)
                    .Take(ShownActions)
                    .Reverse(),
            ],
            at
        );
}
