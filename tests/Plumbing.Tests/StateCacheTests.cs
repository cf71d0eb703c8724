using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Tests;

/// <summary>States in memory: as many as fit, ended ones leave first, then those not used for longest.</summary>
public sealed class StateCacheTests
{
    const long KiB = 1024;
    readonly StateCache<string> cache = new(100 * KiB, isEnded: x => x == "ended");

    [Fact]
    public void As_many_stay_as_fit_and_the_least_recently_used_leaves()
    {
        Keep("a", 15 * KiB);
        Keep("b", 15 * KiB);
        Assert.NotNull(cache.Find("a")); // used: now b is the older one
        Keep("c", 15 * KiB);
        Assert.Equal((true, false, true), (Has("a"), Has("b"), Has("c")));
    }

    [Fact]
    public void Ended_ones_leave_first_however_recently_they_were_used()
    {
        Keep("a", 15 * KiB);
        Keep("b", 15 * KiB, "ended");
        Keep("c", 15 * KiB);
        Assert.Equal((true, false, true), (Has("a"), Has("b"), Has("c")));
    }

    [Fact]
    public void One_larger_than_all_that_is_allowed_stays_until_the_next()
    {
        Keep("a", 10 * KiB);
        Keep("huge", 1000 * KiB);
        Assert.Equal((false, true), (Has("a"), Has("huge")));
        Keep("b", 10 * KiB);
        Assert.Equal((false, true), (Has("huge"), Has("b")));
    }

    [Fact]
    public void Thousands_of_small_ones_are_bounded_by_what_they_take()
    {
        for (var i = 0; i < 5_000; i++)
            Keep($"s{i}", 100);
        Assert.InRange(cache.Bytes, 90 * KiB, 100 * KiB);
        Assert.InRange(cache.Count, 100, 200);
    }

    [Fact]
    public void A_state_that_grows_takes_its_new_size_and_one_that_is_forgotten_none()
    {
        Keep("a", 1 * KiB);
        var small = cache.Bytes;
        Keep("a", 2 * KiB);
        Assert.Equal(small + 5 * KiB / 2, cache.Bytes); // counted as memory, two and a half times the JSON
        cache.Forget("a");
        Assert.Equal((0, 0), (cache.Bytes, cache.Count));
    }

    bool Has(string id) => cache.Find(id) is not null;

    void Keep(string id, long bytes, string state = "live") => cache.Keep(id, new(state, 1, bytes, bytes, 0, 0));
}
