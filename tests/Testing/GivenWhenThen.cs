using System.Text.Json;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Testing;

/// <summary>A specification: given these events, when this is decided, then exactly these events.</summary>
public sealed class Given<TState>(StreamDefinition<TState> stream, params object[] events)
    where TState : class
{
    /// <summary>What has happened.</summary>
    public IReadOnlyList<object> Past => events;

    /// <summary>The state the events fold to.</summary>
    public TState State { get; } = events.Aggregate(stream.Seed, stream.Evolve);

    /// <summary>The state as a snapshot hands it back.</summary>
    public TState FromSnapshot
    {
        get
        {
            var json = JsonSerializer.Serialize(State, Json.Options);
            var read = JsonSerializer.Deserialize<TState>(json, Json.Options)!;
            Assert.Equal(json, JsonSerializer.Serialize(read, Json.Options));
            return read;
        }
    }

    /// <summary>The same, and then these events.</summary>
    public Given<TState> And(params IEnumerable<object> more) => new(stream, [.. events, .. more]);

    /// <summary>Decides, on the folded state and on the one from a snapshot alike.</summary>
    public Then<TState> When(Func<TState, IReadOnlyList<object>> decide) => new(this, decide);
}

/// <summary>What was decided.</summary>
public sealed class Then<TState>(Given<TState> given, Func<TState, IReadOnlyList<object>> decide)
    where TState : class
{
    /// <summary>The events.</summary>
    public IReadOnlyList<object> Events => field ??= decide(given.State);

    /// <summary>Exactly these events, and deciding the same again afterwards brings no more.</summary>
    /// <returns>What has happened now, for what happens next.</returns>
    public Given<TState> Expect(params object[] expected)
    {
        Assert.Equal(expected.Select(x => x.GetType()), Events.Select(x => x.GetType()));
        foreach (var (wanted, got) in expected.Zip(Events))
            Assert.Equivalent(wanted, got, strict: true);
        Assert.Equal(Written(Events), Written(decide(given.FromSnapshot)));
        var after = given.And(Events);
        Assert.Empty(decide(after.State));
        return after;
    }

    static string Written(IReadOnlyList<object> events) => JsonSerializer.Serialize(events, Json.Options);

    /// <summary>No events.</summary>
    public Given<TState> ExpectNothing() => Expect();

    /// <summary>A refusal with this code.</summary>
    public void ExpectRejection(string code) =>
        Assert.Equal(code, Assert.Throws<RejectedException>(() => decide(given.State)).Code);
}
