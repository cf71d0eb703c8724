using Nightshift.Plumbing.Installations;

namespace Nightshift.Plumbing.Tests.Installations;

public sealed class InstallationTests
{
    static readonly Guid Token = Guid.NewGuid();

    [Theory]
    [InlineData("nightshift", true)]
    [InlineData("staging", true)]
    [InlineData("s", true)]
    [InlineData("ns-1a2b3c4d", true)]
    [InlineData("a2345678901234567890", true)]
    [InlineData("a23456789012345678901", false)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("a.b", false)]
    [InlineData("a_b", false)]
    [InlineData("A", false)]
    [InlineData("ä", false)]
    [InlineData("staging\n", false)]
    [InlineData("nightshift-2", false)] // could make a name that the default makes too
    public void An_id_is_short_and_safe_in_every_name(string id, bool isId) =>
        Assert.Equal(isId, Installation.IsId(id));

    [Theory]
    [InlineData("nightshift", "scheduler-trigger-run")]
    [InlineData("staging", "staging.scheduler-trigger-run")]
    public void A_queue_is_named_after_its_installation(string id, string queue) =>
        Assert.Equal(queue, new Installation(id).Queue("scheduler-trigger-run"));

    [Theory]
    [InlineData("nightshift", 2, null)]
    [InlineData("staging", 2, "belongs to the installation 'staging', and this is 'nightshift'")]
    [InlineData("nightshift", 1, "was written by an older Nightshift (format 1; this one reads 2)")]
    [InlineData("nightshift", 3, "was written by a newer Nightshift (format 3; this one reads 2)")]
    [InlineData(null, 0, "was written by an older Nightshift")]
    public void A_database_of_another_installation_or_form_is_refused(string? owner, int format, string? refusal)
    {
        var stamp = owner is null ? null : new InstallationStamp(owner, Token, format);
        var text = InstallationStamp.Refusal(stamp, "nightshift", "db");
        if (refusal is null)
            Assert.Null(text);
        else
            Assert.Contains(refusal, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.5", "1.5", false)]
    [InlineData("1.5", "1.6", true)] // restored on the same server
    [InlineData("1.5", "2.5", true)] // on another one
    [InlineData(null, "1.5", false)] // written by an older version
    [InlineData("1.5", null, false)] // a server that does not say
    public void A_database_that_is_a_copy_is_refused(string? written, string? now, bool isRefused)
    {
        var stamp = new InstallationStamp("nightshift", Token, InstallationStamp.CurrentFormat) { Database = written };
        var text = InstallationStamp.Refusal(stamp, "nightshift", "db", now);
        Assert.Equal(isRefused, text is not null);
        if (isRefused)
            Assert.Contains("start with './nightshift up --adopt'", text, StringComparison.Ordinal);
    }
}
