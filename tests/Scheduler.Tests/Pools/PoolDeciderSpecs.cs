using Nightshift.Scheduler.Pools;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Pools;

public sealed class PoolDeciderSpecs
{
    static readonly PoolSettings Two = new(2, "", IncludeDeferred: false);

    static PoolSet Set(int slots = 2, string description = "", string name = "db") =>
        new(name, slots, description, IncludeDeferred: false, "ops", T0);

    static ChangePool Change(int? slots = null, string? description = null, string name = "db") =>
        new(name, slots, description, IncludeDeferred: null, "ops", T0);

    static Given<Pool> Given(params object[] events) => new(Pool.Stream, events);

    [Fact]
    public void A_pool_is_made_once()
    {
        var create = new CreatePool("db", Two, "ops", T0);
        Assert.Equal([Set()], PoolDecider.Decide(Pool.None, create));
        Given(Set()).When(x => PoolDecider.Decide(x, create)).ExpectRejection("pool_exists");
    }

    [Theory]
    [InlineData("a b", 1, "invalid_name")]
    [InlineData("", 1, "invalid_name")]
    [InlineData("db", -2, "invalid_slots")]
    [InlineData("db", 1_000_001, "invalid_slots")]
    public void What_cannot_be_is_refused(string name, int slots, string code) =>
        Given()
            .When(x => PoolDecider.Decide(x, new CreatePool(name, Two with { Slots = slots }, "ops", T0)))
            .ExpectRejection(code);

    [Fact]
    public void A_change_leaves_what_it_does_not_name()
    {
        Given(Set(2, "text")).When(x => PoolDecider.Decide(x, Change(slots: 5))).Expect(Set(5, "text"));
        Given(Set(2, "text")).When(x => PoolDecider.Decide(x, Change(slots: 2))).ExpectNothing();
        Given(Set()).When(x => PoolDecider.Decide(x, Change(slots: -1))).Expect(Set(-1));
        Given(Set()).When(x => PoolDecider.Decide(x, Change(slots: -2))).ExpectRejection("invalid_slots");
        Given(Set())
            .When(x => PoolDecider.Decide(x, Change(description: new('x', 1001))))
            .ExpectRejection("invalid_description");
    }

    [Fact]
    public void A_pool_that_is_not_there_is_neither_changed_nor_deleted()
    {
        Given().When(x => PoolDecider.Decide(x, Change(slots: 1))).ExpectRejection("unknown_pool");
        Given(Set(), new PoolDeleted("db", "ops", T0))
            .When(x => PoolDecider.Decide(x, new DeletePool("db", "ops", T0)))
            .ExpectRejection("unknown_pool");
    }

    [Fact]
    public void The_default_pool_is_there_with_128_slots_and_stays()
    {
        Given()
            .When(x => PoolDecider.Decide(x, Change(slots: 5, name: "default_pool")))
            .Expect(Set(5, "Default pool", "default_pool"));
        Given().When(x => PoolDecider.Decide(x, Change(slots: 128, name: "default_pool"))).ExpectNothing();
        Given()
            .When(x => PoolDecider.Decide(x, new CreatePool("default_pool", Two, "ops", T0)))
            .ExpectRejection("pool_exists");
        Given()
            .When(x => PoolDecider.Decide(x, new DeletePool("default_pool", "ops", T0)))
            .ExpectRejection("default_pool");
    }

    [Fact]
    public void A_deleted_pool_can_be_made_again() =>
        Assert.Equal(
            [Set()],
            PoolDecider.Decide(
                Given(Set(5), new PoolDeleted("db", "ops", T0)).State,
                new CreatePool("db", Two, "ops", T0)
            )
        );

    // Airflow's figures
    [Theory]
    [InlineData(5, 1, 2, 2)]
    [InlineData(2, 1, 2, 0)] // made smaller than what it holds
    [InlineData(-1, 1, 2, -1)]
    public void Open_slots_are_what_is_not_taken(int slots, int running, int queued, int open)
    {
        var usage = PoolUsage.Of([
            (SlotState.Running, running),
            (SlotState.Queued, queued - 1),
            (SlotState.Granted, 1),
            (SlotState.Waiting, 9),
        ]);
        Assert.Equal(
            (running, queued, 9, running + queued, open),
            (usage.Running, usage.Queued, usage.Scheduled, usage.Occupied, usage.OpenOf(slots))
        );
    }
}
