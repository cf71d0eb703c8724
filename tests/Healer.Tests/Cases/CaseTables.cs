using Nightshift.Healer.Cases;
using Nightshift.Healer.Policy;
using Nightshift.Testing;

namespace Nightshift.Healer.Tests.Cases;

/// <summary>Cases, and decisions about them under the usual policy.</summary>
static class CaseTables
{
    public static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    public static readonly HealingPolicy Usual = new();

    public static Given<Case> Nothing => new(CaseStream.Definition);

    public static DateTimeOffset At(double seconds) => T0.AddSeconds(seconds);

    /// <summary>Decides, at a time in seconds after the start.</summary>
    public static Then<Case> When(
        this Given<Case> given,
        Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> decide,
        double at,
        HealingPolicy? policy = null,
        int elsewhere = 0
    ) => given.When(x => decide(x, new DecisionContext(policy ?? Usual, elsewhere, At(at))));
}
