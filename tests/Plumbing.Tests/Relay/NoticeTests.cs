using FsCheck.Xunit;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>What one instance says to the others of the events it has published.</summary>
public sealed class NoticeTests
{
    [Property]
    public void Each_id_arrives_in_payloads_that_the_database_takes(Guid[] ids)
    {
        var many = Enumerable.Repeat(ids, 50).SelectMany(x => x).ToList();
        var payloads = EventIdList.Format(many).ToList();
        Assert.All(payloads, x => Assert.InRange(x.Length, 0, 7_999));
        Assert.Equal(many, payloads.SelectMany(EventIdList.Parse));
    }

    [Property]
    public void No_payload_makes_it_throw(string? payload) => Assert.NotNull(EventIdList.Parse(payload ?? "").ToList());

    [Fact]
    public void The_oldest_are_forgotten_first()
    {
        var confirmations = new ForeignConfirmations();
        var ids = Enumerable.Range(0, ForeignConfirmations.RememberAtMost + 1).Select(_ => Guid.NewGuid()).ToList();
        foreach (var payload in EventIdList.Format(ids))
            confirmations.Add(payload);
        Assert.False(confirmations.Contains(ids[0]));
        Assert.True(confirmations.Contains(ids[1]) && confirmations.Contains(ids[^1]));
    }
}
