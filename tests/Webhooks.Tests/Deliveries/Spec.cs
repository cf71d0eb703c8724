using Nightshift.Plumbing.Streams;
using Nightshift.Webhooks.Deliveries;

namespace Nightshift.Webhooks.Tests.Deliveries;

/// <summary>Given what happened, when this is asked, then that is decided.</summary>
sealed class Spec(IEnumerable<DeliveryEvent> history)
{
    Func<Delivery, IReadOnlyList<DeliveryEvent>> decide = _ => [];

    Delivery State => history.Aggregate(Delivery.None, (state, e) => state.Evolve(e));

    public static Spec Given(params IEnumerable<DeliveryEvent> history) => new(history);

    public Spec When(ReceiveDelivery command) => When(x => DeliveryDecider.Decide(x, command));

    public Spec When(JudgeDelivery command) => When(x => DeliveryDecider.Decide(x, command));

    public void Then(params object[] expected) => Assert.Equivalent(expected, decide(State), strict: true);

    public void ThenNothing() => Assert.Empty(decide(State));

    public void ThenRejected(string code) => Assert.Equal(code, Assert.Throws<RejectedException>(() => decide(State)).Code);

    Spec When(Func<Delivery, IReadOnlyList<DeliveryEvent>> ask)
    {
        decide = ask;
        return this;
    }
}
