using System.Globalization;
using Nightshift.Healer.Cases;

namespace Nightshift.Healer.Policy;

/// <summary>
/// What one decision rests on besides the case: policy, time and what was done elsewhere, all as data.
/// </summary>
/// <param name="Policy">The policy in force.</param>
/// <param name="ActionsEverywhere">Actions on all targets within the last hour; 0 when no global limit asks for
/// it.</param>
/// <param name="Now">When the decision is made (UTC).</param>
public sealed record DecisionContext(HealingPolicy Policy, int ActionsEverywhere, DateTimeOffset Now)
{
    /// <summary>Why no action may be taken on the case now; null when one may.</summary>
    public string? Refusal(Case @case) =>
        @case.ActionsAround(Now) >= Policy.MaxActionsPerTargetPerHour
            ? Used(Policy.MaxActionsPerTargetPerHour, "on this target")
        : ActionsEverywhere >= Policy.GlobalMaxActionsPerHour
            ? Used(Policy.GlobalMaxActionsPerHour.Value, "on all targets together")
        : null;

    static string Used(int budget, string where) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"the budget of {budget} {(budget == 1 ? "action" : "actions")} per hour {where} is used up"
        );
}
