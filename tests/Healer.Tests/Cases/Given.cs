using Nightshift.Healer.Cases;
using Nightshift.Healer.Policy;

namespace Nightshift.Healer.Tests.Cases;

/// <summary>A case with a past, to which something happens.</summary>
public sealed record Given(IReadOnlyList<CaseEvent> Past)
{
    public static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    public static readonly HealingPolicy Usual = new();

    public static Given Nothing { get; } = new([]);

    public static DateTimeOffset At(double seconds) => T0.AddSeconds(seconds);

    public Case State => Past.Aggregate(Case.None, Case.Evolve);

    /// <summary>Decides, at a time in seconds after the start.</summary>
    public Decided When(Func<Case, Terms, IReadOnlyList<CaseEvent>> decide, double at, HealingPolicy? policy = null, int elsewhere = 0) =>
        new(this, decide(State, new Terms(policy ?? Usual, elsewhere, At(at))), decide, new Terms(policy ?? Usual, elsewhere, At(at)));
}

public sealed record Decided(Given Given, IReadOnlyList<CaseEvent> Events, Func<Case, Terms, IReadOnlyList<CaseEvent>> Decide, Terms Terms)
{
    /// <summary>Exactly these; and the same message once more decides nothing.</summary>
    public Given Then(params CaseEvent[] expected)
    {
        Assert.Equal(expected, Events);
        var after = new Given([.. Given.Past, .. Events]);
        Assert.Empty(Decide(after.State, Terms));
        return after;
    }

    public Given ThenNothing() => Then();
}
