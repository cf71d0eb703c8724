using Nightshift.Scheduler.Pools;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Pools;

/// <summary>Who gets the free slots.</summary>
public sealed class SlotAllocatorSpecs
{
    static readonly Dictionary<string, int> Pools = new()
    {
        ["one"] = 1,
        ["four"] = 4,
        ["closed"] = 0,
        ["any"] = SlotLedger.Unlimited,
    };

    static SlotRequest Ask(
        string task,
        string? pool = null,
        int slots = 1,
        int priority = 1,
        double waited = 0,
        int? perRun = null,
        int? perDag = null,
        int? perDagrun = null,
        string run = "run-1"
    ) =>
        new(
            run,
            task,
            Number: 1,
            "dag",
            new(pool, slots, perRun, perDag, perDagrun),
            priority,
            T0.AddMinutes(-waited),
            SlotState.Waiting
        );

    static SlotRequest Hold(SlotRequest request) => request with { State = SlotState.Running };

    static string Grant(params SlotRequest[] requests) =>
        string.Join(
            ' ',
            SlotAllocator.Grant(SlotLedger.Of(Pools, requests), requests.Where(x => !x.Holds), T0).Select(x => x.Task)
        );

    [Fact]
    public void The_larger_priority_goes_first_and_then_the_older()
    {
        Assert.Equal("b", Grant(Ask("a", "one", priority: 1), Ask("b", "one", priority: 2)));
        Assert.Equal("b", Grant(Ask("a", "one"), Ask("b", "one", waited: 0.5)));
    }

    // A minute of waiting counts as much as a point of priority.
    [Theory]
    [InlineData(98, "new")]
    [InlineData(100, "old")]
    public void The_lower_priority_goes_first_when_it_has_waited_long_enough(double waited, string first) =>
        Assert.Equal(first, Grant(Ask("new", "one", priority: 100), Ask("old", "one", priority: 1, waited: waited)));

    [Fact]
    public void No_priority_is_worth_more_than_a_day_of_waiting() =>
        Assert.Equal(
            "old",
            Grant(Ask("new", "one", priority: int.MaxValue), Ask("old", "one", priority: 0, waited: 24 * 60 + 1))
        );

    [Fact]
    public void What_cannot_be_granted_holds_up_nothing_behind_it() =>
        Assert.Equal(
            "c d e",
            Grant(
                Ask("a", "closed", priority: 9),
                Ask("b", "nosuch", priority: 8),
                Hold(Ask("x", perDag: 1)),
                Ask("x", perDag: 1, priority: 7, run: "run-2"),
                Ask("c", "four", slots: 3, priority: 6),
                Ask("big", "four", slots: 2, priority: 5),
                Ask("d", "four", priority: 4),
                Ask("e", "any", slots: 1000, priority: 3)
            )
        );

    [Fact]
    public void Each_limit_counts_what_it_is_about()
    {
        // of a run
        Assert.Equal("b", Grant(Hold(Ask("a", perRun: 2)), Ask("b", perRun: 2), Ask("c", perRun: 2)));
        Assert.Equal("b", Grant(Hold(Ask("a", perRun: 1)), Ask("b", perRun: 1, run: "run-2")));
        // of a task in all runs
        Assert.Equal("", Grant(Hold(Ask("a", perDag: 1)), Ask("a", perDag: 1, run: "run-2")));
        Assert.Equal("b", Grant(Hold(Ask("a", perDag: 1)), Ask("b", perDag: 1)));
        // of a task in one run
        Assert.Equal("a", Grant(Hold(Ask("a", perDagrun: 1)), Ask("a", perDagrun: 1, run: "run-2")));
        Assert.Equal("", Grant(Hold(Ask("a", perDagrun: 1)), Ask("a", perDagrun: 1)));
    }

    [Fact]
    public void A_pool_that_was_made_smaller_grants_nothing_until_it_has_room() =>
        Assert.Equal("", Grant(Hold(Ask("a", "four", slots: 9)), Ask("b", "four")));

    // Small tasks would take each slot that a large one waits for.
    [Theory]
    [InlineData(1.9, "small")]
    [InlineData(2, "")]
    public void A_pool_keeps_its_free_slots_for_a_large_task_that_has_waited(double waited, string granted) =>
        Assert.Equal(
            granted,
            Grant(
                Hold(Ask("x", "four", slots: 2)),
                Ask("large", "four", slots: 3, waited: waited),
                Ask("small", "four", priority: 1)
            )
        );

    [Fact]
    public void No_slots_are_kept_for_a_task_that_lacks_something_else_or_more_than_the_pool_has()
    {
        Assert.Equal(
            "small",
            Grant(
                Hold(Ask("x", "four", slots: 2)),
                Hold(Ask("large", perDag: 1)),
                Ask("large", "four", slots: 3, waited: 60, perDag: 1, run: "run-2"),
                Ask("small", "four")
            )
        );
        Assert.Equal("small", Grant(Ask("huge", "four", slots: 5, waited: 60), Ask("small", "four")));
    }

    [Fact]
    public void Requests_with_the_same_key_have_room_alike()
    {
        Assert.Equal(Ask("a", "four", perRun: 2).Key(), Ask("b", "four", perRun: 2).Key());
        Assert.NotEqual(Ask("a", "four", perDag: 2).Key(), Ask("b", "four", perDag: 2).Key());
        Assert.NotEqual(Ask("a", "four").Key(), Ask("a", "four", slots: 2).Key());
        Assert.NotEqual(Ask("a", "four", perRun: 2).Key(), Ask("a", "four", perRun: 2, run: "run-2").Key());
    }
}
