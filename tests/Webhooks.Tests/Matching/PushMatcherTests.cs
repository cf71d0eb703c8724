using Nightshift.Contracts;
using Nightshift.Webhooks.Matching;

namespace Nightshift.Webhooks.Tests.Matching;

public sealed class PushMatcherTests
{
    static readonly Push Main = new(
        "acme/site",
        "refs/heads/main",
        "abc",
        "ada",
        Deleted: false,
        "a change",
        new HashSet<string> { "src/a.cs", "docs/b.md" }
    );

    [Theory]
    // repositories         branches       paths                 matches  because
    [InlineData("", "", "", true, "any path counts")]
    [InlineData("acme/*", "main", "src/**", true, "src/a.cs changed")]
    [InlineData("ACME/Site", "main", "", true, "any path counts")]
    [InlineData("other/*", "main", "", false, "Repository acme/site is not among other/*")]
    [InlineData("acme/*,!acme/site", "", "", false, "Repository acme/site is not among acme/*, !acme/site")]
    [InlineData("", "Main", "", false, "Branch main is not among Main")]
    [InlineData("", "release/**", "", false, "Branch main is not among release/**")]
    [InlineData("", "", "**/*.cs,!src/**", false, "None of 2 changed files is among **/*.cs, !src/**")]
    [InlineData("", "", "!docs/**", true, "src/a.cs changed")]
    [InlineData("", "", "!docs/**,!src/**", false, "None of 2 changed files is among !docs/**, !src/**")]
    public void Every_list_must_match_and_the_verdict_says_which_decided(
        string repositories,
        string branches,
        string paths,
        bool matched,
        string why
    )
    {
        var verdict = PushMatcher.Judge(Dag(repositories, branches, paths), Main);
        Assert.Equal((matched, true), (verdict.Matched, verdict.Why.EndsWith(why, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_DAG_without_a_push_trigger_is_never_started() =>
        Assert.False(PushMatcher.Judge(new("d", 1, Push: null), Main).Matched);

    [Fact]
    public void Paths_GitHub_did_not_list_count_as_changed() =>
        Assert.True(PushMatcher.Judge(Dag("", "", "nowhere/**"), Main with { Paths = null }).Matched);

    [Theory]
    [InlineData("refs/tags/v1", false, "refs/tags/v1 is not a branch")]
    [InlineData("refs/heads/", false, "refs/heads/ is not a branch")]
    [InlineData("main", false, "main is not a branch")]
    [InlineData("refs/heads/main", true, "The branch main was deleted")]
    [InlineData("refs/heads/main", false, null)]
    public void Tags_and_deletions_start_nothing(string name, bool deleted, string? why) =>
        Assert.Equal(why, PushMatcher.Exclusion(Main with { Ref = name, Deleted = deleted }, honourSkipMarks: true));

    [Theory]
    [InlineData("docs only [skip ci]", true)]
    [InlineData("[CI Skip] x", true)]
    [InlineData("***NO_CI***", true)]
    [InlineData("skip ci", false)]
    [InlineData("Fix a word\n\n\nskip-checks: true", true)]
    [InlineData("Fix a word\n\nskip-checks:true\n", true)]
    [InlineData("Fix a word\r\n\r\nSkip-Checks: True\r\n", true)]
    [InlineData("Fix a word\n\n\nSigned-off-by: Alice <alice@acme.example>\nskip-checks:true", true)]
    [InlineData("Fix a word\n\nskip-checks: false", false)]
    [InlineData("Fix a word\n\nskip-checks: true\n\nIt was a mention.", false)]
    [InlineData("Explain what skip-checks: true does\n\nIt is a trailer.", false)]
    [InlineData("skip-checks: true", false)]
    public void A_commit_may_say_that_it_starts_nothing(string message, bool excluded)
    {
        Assert.Equal(
            excluded,
            PushMatcher.Exclusion(Main with { Message = message }, honourSkipMarks: true) is not null
        );
        Assert.Null(PushMatcher.Exclusion(Main with { Message = message }, honourSkipMarks: false));
    }

    static DagTriggers Dag(string repositories, string branches, string paths) =>
        new("d", 1, new PushTrigger(Split(repositories), Split(branches), Split(paths)));

    static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
