using System.Text;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Matching;

namespace Nightshift.Webhooks.Tests.Matching;

public sealed class PushTests
{
    const string Commit = """{"added":["a"],"modified":["b"],"removed":["c"]}""";

    [Fact]
    public void A_push_is_reduced_to_what_triggers_ask_about()
    {
        var push = Read(
            "\"after\":\"abc\",\"sender\":{\"login\":\"ada\"},\"head_commit\":{\"message\":\"m\"}",
            Commit,
            """{"added":[],"modified":["b","d"],"removed":[]}"""
        )!;
        Assert.Equal(
            ("acme/site", "main", "abc", "ada", false, "m"),
            (push.Repository, push.Branch, push.Sha, push.Sender, push.Deleted, push.Message)
        );
        Assert.Equal(["a", "b", "c", "d"], push.Paths!.Order());
    }

    [Fact]
    public void Without_a_sender_the_pusher_is_named() =>
        Assert.Equal("deploy", Read("\"sender\":null,\"pusher\":{\"name\":\"deploy\"}", Commit)?.Sender);

    [Theory]
    [InlineData("\"created\":true")]
    [InlineData("\"forced\":true")]
    public void A_new_or_rewritten_branch_may_have_changed_anything(string field) =>
        Assert.Null(Read(field, Commit)!.Paths);

    [Fact]
    public void A_push_that_lists_no_commit_may_have_changed_anything() =>
        Assert.Null(Read("\"deleted\":false")!.Paths);

    [Fact]
    public void A_list_of_commits_at_GitHubs_limit_may_be_cut_short()
    {
        Assert.NotNull(Read("\"x\":1", [.. Enumerable.Repeat(Commit, 2047)])!.Paths);
        Assert.Null(Read("\"x\":1", [.. Enumerable.Repeat(Commit, 2048)])!.Paths);
    }

    [Fact]
    public void A_list_of_files_at_GitHubs_limit_may_be_cut_short()
    {
        Assert.NotNull(Read("\"x\":1", Files(2999))!.Paths);
        Assert.Null(Read("\"x\":1", Files(3000))!.Paths);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"added":null,"modified":[],"removed":[]}""")]
    [InlineData("""{"added":[1],"modified":[],"removed":[]}""")]
    [InlineData("7")]
    public void A_commit_that_does_not_list_its_files_may_have_changed_anything(string commit) =>
        Assert.Null(Read("\"x\":1", commit)!.Paths);

    [Theory]
    [InlineData("""{"ref":"refs/heads/main"}""")]
    [InlineData("""{"repository":{"full_name":"acme/site"}}""")]
    [InlineData("""{"repository":7,"ref":{}}""")]
    [InlineData("[]")]
    public void Without_repository_and_ref_it_is_no_push(string json) => Assert.Null(ReadJson(json));

    [Theory]
    [InlineData("\"deleted\":true", true)]
    [InlineData("\"after\":\"0000000000000000000000000000000000000000\"", true)]
    [InlineData("\"after\":\"0000000000000000000000000000000000000000000000000000000000000000\"", true)]
    [InlineData("\"after\":\"0000000000000000000000000000000000000001\"", false)]
    [InlineData("\"after\":\"\"", false)]
    public void A_branch_is_deleted_when_GitHub_says_so_or_no_commit_is_left(string field, bool deleted) =>
        Assert.Equal(deleted, Read(field, Commit)!.Deleted);

    [Fact]
    public void A_name_too_long_for_git_is_none() =>
        Assert.Null(ReadJson($$"""{"repository":{"full_name":"a/b"},"ref":"refs/heads/{{new string('x', 2000)}}"}"""));

    [Fact]
    public void Half_a_surrogate_pair_in_a_name_or_a_file_is_a_character_like_any_other() =>
        Assert.Equal(
            ["a\uFFFD"],
            Read("\"x\\ud800\":1", """{"add\ud800":1,"added":["a\ud800"],"modified":[],"removed":[]}""")!.Paths!
        );

    static string Files(int count) =>
        $$"""{"added":[{{string.Join(',', Enumerable.Range(0, count).Select(x => $"\"{x}\""))}}],"modified":[],"removed":[]}""";

    static Push? Read(string fields, params string[] commits) =>
        ReadJson(
            $$"""{"ref":"refs/heads/main","repository":{"full_name":"acme/site"},{{fields}},"commits":[{{string.Join(',', commits)}}]}"""
        );

    static Push? ReadJson(string json)
    {
        using var blocks = new BodyBlocks();
        return Push.Read(Payload.Read(BodyForm.Json, Encoding.UTF8.GetBytes(json), blocks)!);
    }
}
