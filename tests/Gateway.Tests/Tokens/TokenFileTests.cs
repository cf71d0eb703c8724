using Nightshift.Gateway.Tests.Hosting;
using Nightshift.Gateway.Tokens;
using Nightshift.Plumbing.Auth;

namespace Nightshift.Gateway.Tests.Tokens;

public sealed class TokenFileTests
{
    static readonly string Hash = RunningGateway.Hash("ns_secret");

    [Fact]
    public void A_good_file_is_read_with_roles_in_any_case()
    {
        var entry = Assert.Single(
            TokenFile.Parse(
                $$"""[{"name":"ci","role":"Operator","sha256":"{{Hash.ToUpperInvariant()}}","createdAt":"2026-01-31T09:00:00Z"}]"""
            )
        );
        Assert.Equal(("ci", Role.Operator), (entry.Name, entry.Role));
    }

    [Theory]
    [InlineData("", "not a JSON array")]
    [InlineData("{}", "not a JSON array")]
    [InlineData("null", "write []")]
    [InlineData("[null]", "entry 1 is null")]
    [InlineData("""[{"name":"a b","role":"viewer","sha256":"H"}]""", "entry 1 needs a name")]
    [InlineData("""[{"role":"viewer","sha256":"H"}]""", "entry 1 needs a name")]
    [InlineData("""[{"name":"a","role":"none","sha256":"H"}]""", "needs the role")]
    [InlineData("""[{"name":"a","sha256":"H"}]""", "needs the role")]
    [InlineData("""[{"name":"a","role":"root","sha256":"H"}]""", "not a JSON array")]
    [InlineData("""[{"name":"a","role":7,"sha256":"H"}]""", "needs the role")]
    [InlineData("""[{"name":"a","role":"viewer","sha256":"abc"}]""", "needs sha256")]
    [InlineData("""[{"name":"a","role":"viewer"}]""", "needs sha256")]
    public void A_bad_file_is_refused_as_a_whole_with_the_reason(string json, string reason) =>
        Assert.Contains(
            reason,
            Assert
                .Throws<FormatException>(() =>
                    TokenFile.Parse(json.Replace("\"H\"", $"\"{Hash}\"", StringComparison.Ordinal))
                )
                .Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("ns_secret", Role.Viewer)]
    [InlineData("ns_secret ", Role.None)]
    [InlineData("ns_SECRET", Role.None)]
    [InlineData("", Role.None)]
    public void A_token_is_found_by_its_exact_bytes(string token, Role role) =>
        Assert.Equal(
            role,
            TokenStore
                .Find(
                    [
                        new("other", Role.Admin, RunningGateway.Hash("x"), default),
                        new("ci", Role.Viewer, Hash, default),
                    ],
                    token
                )
                ?.Role
                ?? Role.None
        );
}
