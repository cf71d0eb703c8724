using FsCheck.Xunit;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Tests;

/// <summary>How the size of a state is known without measuring it at each event.</summary>
public sealed class FoldedStateTests
{
    sealed record Text(string Value);

    static readonly StreamDefinition<Text> Grows = new("x-", typeof(string), new(""), (x, e) => new(x.Value + e));
    static readonly StreamDefinition<Text> Stays = new("x-", typeof(string), new(""), (_, e) => new((string)e));

    [Property]
    public bool The_estimate_is_never_below_the_size_by_more_than_what_is_negligible(byte[] sizes)
    {
        var state = sizes.Aggregate(FoldedState<Text>.Seed(new("")), (x, n) => x.After(Grows, new string('x', n * 10)));
        return state.Bytes >= JsonSize.Of(state.State) - 4096 && state.Version == sizes.Length;
    }

    [Fact]
    public void A_state_that_does_not_grow_is_not_taken_to_grow_with_its_stream()
    {
        var state = FoldedState<Text>.Seed(new(""));
        for (var i = 0; i < 10_000; i++)
            state = state.After(Stays, "0123456789");
        Assert.InRange(state.Bytes, 1, 5_000);
    }

    [Fact]
    public void Snapshots_of_a_state_that_grows_cost_no_more_than_three_times_its_stream()
    {
        var (state, events, snapshots, count) = (FoldedState<Text>.Seed(new("")), 0L, 0L, 0);
        for (var i = 0; i < 5_000; i++)
        {
            state = state.After(Grows, "0123456789");
            events += 12;
            if (!state.SnapshotDue)
                continue;
            (snapshots, count) = (snapshots + JsonSize.Of(state.State), count + 1);
            state = state with { SnapshotVersion = state.Version, BytesSinceSnapshot = 0 };
        }
        Assert.InRange(count, 3, 12);
        Assert.InRange(snapshots, events / 2, events * 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab\"ü😀")]
    public void The_size_is_that_of_the_JSON(string value) =>
        Assert.Equal(
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Text(value), Hosting.Json.Options).Length,
            JsonSize.Of(new Text(value))
        );
}
