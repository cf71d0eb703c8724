using Nightshift.Bench.Chaos;

namespace Nightshift.Bench.Tests.Chaos;

public sealed class KillPlanTests
{
    [Fact]
    public void The_same_seed_makes_the_same_plan_and_another_seed_another() =>
        Assert.Multiple(
            () => Assert.Equal(Make(seed: 1), Make(seed: 1)),
            () => Assert.NotEqual(Make(seed: 1), Make(seed: 2))
        );

    [Fact]
    public void Each_part_is_killed_as_often_as_asked_one_part_after_the_other() =>
        Assert.Equal(
            KillPlan.Parts.Order().Select(x => (x, 5)),
            Make(seed: 3).Chunk(5).Select(x => (Assert.Single(x.Select(y => y.Part).Distinct()), x.Length)).Order()
        );

    [Fact]
    public void The_load_settles_before_another_part_is_killed() =>
        Assert.All(Make(seed: 5).Chunk(5), x => Assert.True(x[^1].Settle));

    [Fact]
    public void A_kill_comes_soon_after_the_burst_begins() =>
        Assert.All(Make(seed: 4), x => Assert.InRange(x.AfterBurst, TimeSpan.Zero, TimeSpan.FromSeconds(1.5)));

    [Fact]
    public void Every_kill_has_a_limit_for_the_stall_it_may_cause() =>
        Assert.All(KillPlan.Parts, x => Assert.NotNull(KillPlan.StallLimit(x)));

    [Fact]
    public void A_mixed_plan_has_the_same_kills_and_goes_from_part_to_part()
    {
        var mixed = KillPlan.Make(seed: 3, kills: 5, KillPlan.Parts, mixed: true);
        Assert.Equal(mixed, KillPlan.Make(seed: 3, kills: 5, KillPlan.Parts, mixed: true));
        Assert.Equal(Make(seed: 3).Select(x => x.Part).Order(), mixed.Select(x => x.Part).Order());
        Assert.True(mixed.Zip(mixed.Skip(1)).Count(x => x.First.Part != x.Second.Part) > KillPlan.Parts.Count);
    }

    static IReadOnlyList<PlannedKill> Make(int seed) => KillPlan.Make(seed, kills: 5, KillPlan.Parts, mixed: false);
}
