using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Tests.Up;

public sealed class AccessTests : IDisposable
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    readonly string folder = Directory.CreateTempSubdirectory("nightshift-access-").FullName;

    Home Home => new(folder, folder, folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_first_token_is_stored_as_a_hash_only()
    {
        var credentials = Access.Ensure(Home, "http://127.0.0.1:8787", T0);

        Assert.StartsWith("ns_", credentials.Token, StringComparison.Ordinal);
        var stored = File.ReadAllText(Home.Tokens);
        Assert.DoesNotContain(credentials.Token, stored, StringComparison.Ordinal);
        Assert.Contains(Access.Hash(credentials.Token), stored, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_start_keeps_the_token_and_follows_the_port()
    {
        var first = Access.Ensure(Home, "http://127.0.0.1:8787", T0);
        (first with { Shown = true }).Save(Home);

        var second = Access.Ensure(Home, "http://127.0.0.1:8788", T0.AddDays(1));

        Assert.Equal(first with { Url = "http://127.0.0.1:8788", Shown = true }, second);
        Assert.Equal(second, Credentials.Load(Home));
    }

    [Fact]
    public void A_revoked_token_stays_revoked_and_the_next_start_makes_and_shows_another()
    {
        var revoked = Access.Ensure(Home, "http://127.0.0.1:8787", T0);
        (revoked with { Shown = true }).Save(Home);
        Access.Store(Home, []);

        var made = Access.Ensure(Home, "http://127.0.0.1:8787", T0);

        Assert.NotEqual(revoked.Token, made.Token);
        Assert.False(made.Shown);
        Assert.Equal(Access.Hash(made.Token), Assert.Single(Access.Stored(Home)).Sha256);
    }

    [Fact]
    public void A_lost_token_file_gets_an_entry_for_a_new_token()
    {
        var first = Access.Ensure(Home, "http://127.0.0.1:8787", T0);
        File.Delete(Home.Tokens);

        var second = Access.Ensure(Home, "http://127.0.0.1:8787", T0);

        Assert.NotEqual(first.Token, second.Token);
        Assert.Equal(Access.Hash(second.Token), Assert.Single(Access.Stored(Home)).Sha256);
    }

    [Fact]
    public void Lost_credentials_are_replaced_and_the_lost_token_is_worth_nothing()
    {
        var lost = Access.Ensure(Home, "http://127.0.0.1:8787", T0);
        File.Delete(Home.Credentials);

        var found = Access.Ensure(Home, "http://127.0.0.1:8787", T0);

        Assert.NotEqual(lost.Token, found.Token);
        Assert.Equal(Access.Hash(found.Token), Assert.Single(Access.Stored(Home)).Sha256);
    }

    [Fact]
    public void An_unreadable_token_file_is_a_problem_and_not_overwritten()
    {
        File.WriteAllText(Home.Tokens, "[{");

        Assert.Throws<ProblemException>(() => Access.Ensure(Home, "http://127.0.0.1:8787", T0));

        Assert.Equal("[{", File.ReadAllText(Home.Tokens));
    }
}
