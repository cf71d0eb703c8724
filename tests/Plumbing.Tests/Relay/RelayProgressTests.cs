using Nightshift.Plumbing.Relay;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>
/// <code>
/// 1 ── 2 ── (3) ── 4      3 was handed out and is not visible: the position waits at 2, and 4 is published
/// </code>
/// </summary>
public sealed class RelayProgressTests
{
    static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    readonly RelayProgress progress = new(position: 0);

    static IReadOnlySet<string> Writers(params string[] ids) => ids.ToHashSet();

    static LogEntry[] Visible(params long[] sequences) => [.. sequences.Select(x => new LogEntry(x, Published: true))];

    [Fact]
    public void What_is_committed_above_a_gap_is_seen_and_only_the_position_waits()
    {
        progress.Observe(Nobody, [], Visible(1, 2, 4));

        Assert.Equal((2, 4), (progress.Position, progress.Scanned));
        Assert.Equal([new SequenceGap(3, 3, Writers: null)], progress.Gaps);
    }

    [Fact]
    public void An_event_that_appears_in_a_gap_splits_it()
    {
        progress.Observe(Nobody, [], Visible(9));
        progress.Observe(Writers("3/1"), Visible(4, 8), []);

        Assert.Equal([(1, 3), (5, 7)], progress.Gaps.Select(x => ((int)x.First, (int)x.Last)));
        Assert.Equal(0, progress.Position);
    }

    [Fact]
    public void A_gap_is_closed_when_all_who_might_have_filled_it_are_gone()
    {
        progress.Observe(Nobody, [], Visible(1, 3));
        progress.Observe(Writers("3/1", "4/1"), [], []);
        Assert.Equal(1, progress.Position);
        progress.Observe(Writers("4/1", "5/1"), [], []);
        Assert.Equal(1, progress.Position);
        progress.Observe(Writers("5/1"), [], []); // came later: its numbers are higher
        Assert.Equal(3, progress.Position);
    }

    [Fact]
    public void A_gap_that_was_just_found_is_never_closed_by_what_was_read_before()
    {
        progress.Observe(Nobody, [], Visible(2));
        Assert.Equal(0, progress.Position);
        progress.Observe(Nobody, [], []);
        Assert.Equal(2, progress.Position);
    }

    [Fact]
    public void A_prepared_transaction_holds_every_gap_open_because_its_id_has_changed()
    {
        progress.Observe(Nobody, [], Visible(2));
        progress.Observe(Writers("3/1"), [], []);
        progress.Observe(Writers("-1/700"), [], []);
        Assert.Equal(0, progress.Position);
        progress.Observe(Nobody, [], []);
        Assert.Equal(2, progress.Position);
    }

    [Fact]
    public void An_event_that_is_not_published_holds_the_position()
    {
        progress.Observe(Nobody, [], [new(1, Published: true), new(2, Published: false), new(3, Published: false)]);
        Assert.Equal(1, progress.Position);
        progress.Settle(3);
        Assert.Equal(1, progress.Position);
        progress.Settle(2);
        Assert.Equal(3, progress.Position);
    }
}
