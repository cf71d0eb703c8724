using Nightshift.Plumbing.Streams;

namespace Nightshift.Testing;

/// <summary>A specification: given these events, when this is decided, then exactly these events.</summary>
public sealed class Given<TState>(StreamDefinition<TState> stream, params object[] events) where TState : class
{
    /// <summary>The state the events fold to.</summary>
    public TState State { get; } = events.Aggregate(stream.Seed, stream.Evolve);

    /// <summary>Decides.</summary>
    public Then<TState> When(Func<TState, IReadOnlyList<object>> decide) => new(stream, State, decide);
}

/// <summary>What was decided.</summary>
public sealed class Then<TState>(StreamDefinition<TState> stream, TState before, Func<TState, IReadOnlyList<object>> decide) where TState : class
{
    /// <summary>Exactly these events, and deciding the same again afterwards brings no more.</summary>
    public void Expect(params object[] expected)
    {
        var events = decide(before);
        Assert.Equivalent(expected, events, strict: true);
        Assert.Equal(expected.Select(x => x.GetType()), events.Select(x => x.GetType()));
        Assert.Empty(decide(events.Aggregate(before, stream.Evolve)));
    }

    /// <summary>No events.</summary>
    public void ExpectNothing() => Assert.Empty(decide(before));

    /// <summary>A refusal with this code.</summary>
    public void ExpectRejection(string code) => Assert.Equal(code, Assert.Throws<RejectedException>(() => decide(before)).Code);
}
