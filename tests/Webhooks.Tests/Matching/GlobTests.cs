using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Webhooks.Matching;

namespace Nightshift.Webhooks.Tests.Matching;

public sealed class GlobTests
{
    [Theory]
    // one segment
    [InlineData("main", "main", true)]
    [InlineData("main", "Main", false)]
    [InlineData("main", "main2", false)]
    [InlineData("*", "main", true)]
    [InlineData("*", "feature/x", false)]
    [InlineData("release-*", "release-", true)]
    [InlineData("acme/*", "acme/site", true)]
    [InlineData("acme/*", "acme", false)]
    [InlineData("acme/*", "acme/site/x", false)]
    // across segments
    [InlineData("**", "a/b/c", true)]
    [InlineData("feature/**", "feature/a/b", true)]
    [InlineData("feature/**", "feature", false)]
    [InlineData("**/docs/**", "docs/a.md", true)]
    [InlineData("**/docs/**", "src/docs/a.md", true)]
    [InlineData("**/docs/**", "mydocs/a.md", false)]
    [InlineData("**.js", "src/a/b.js", true)]
    [InlineData("src/**/*.cs", "src/a.cs", true)]
    [InlineData("src/**/*.cs", "src/a/b/c.cs", true)]
    // everything else means itself
    [InlineData("a.c", "abc", false)]
    [InlineData("a+(b)[c]$", "a+(b)[c]$", true)]
    [InlineData("a?c", "abc", false)]
    [InlineData("**", "a\nb", true)]
    [InlineData("ünïcode/*", "ünïcode/分支", true)]
    public void A_pattern_matches_whole_names(string pattern, string name, bool expected) =>
        Assert.Equal(expected, new Glob(pattern).Matches(name));

    [Theory]
    [InlineData(new[] { "**", "!docs/**" }, "docs/a", false)]
    [InlineData(new[] { "**", "!docs/**" }, "src/a", true)]
    [InlineData(new[] { "**", "!docs/**", "docs/api/**" }, "docs/api/a", true)]
    [InlineData(new[] { "!docs/**", "**" }, "docs/a", true)]
    [InlineData(new[] { "!docs/**" }, "src/a", true)]
    [InlineData(new[] { "!docs/**" }, "docs/a", false)]
    [InlineData(new[] { "src/**", "!src/gen/**" }, "other", false)]
    public void The_last_pattern_that_matches_decides(string[] patterns, string name, bool expected) =>
        Assert.Equal(expected, Glob.Includes([.. patterns.Select(x => new Glob(x))], name));

    [Property(MaxTest = 500)]
    public Property A_pattern_means_what_the_plain_reading_of_it_says() =>
        Prop.ForAll(
            Text("ab/*").ToArbitrary(),
            Text("ab/").ToArbitrary(),
            (pattern, name) => new Glob(pattern).Matches(name) == Reads(pattern, name, atSegment: true)
        );

    // A backtracking engine would still be at it when the sun goes out.
    [Fact]
    public void Many_stars_and_a_long_name_come_to_an_end() =>
        Assert.False(new Glob(string.Concat(Enumerable.Repeat("*a", 50)) + "c").Matches(new string('a', 1000)));

    static Gen<string> Text(string alphabet) =>
        Gen.Elements(alphabet.ToCharArray()).ListOf().Select(x => string.Concat(x.Take(9)));

    // The definition, word by word, as slow as it likes.
    static bool Reads(string pattern, string name, bool atSegment)
    {
        if (pattern.Length == 0)
            return name.Length == 0;
        if (atSegment && pattern.StartsWith("**/", StringComparison.Ordinal))
            return Reads(pattern[3..], name, true)
                || Enumerable
                    .Range(0, name.Length)
                    .Any(i => name[i] == '/' && Reads(pattern[3..], name[(i + 1)..], true));
        if (pattern.StartsWith("**", StringComparison.Ordinal))
            return Enumerable.Range(0, name.Length + 1).Any(i => Reads(pattern[2..], name[i..], false));
        if (pattern[0] == '*')
            return Enumerable
                .Range(0, name.Length + 1)
                .TakeWhile(i => i == 0 || name[i - 1] != '/')
                .Any(i => Reads(pattern[1..], name[i..], false));
        return name.Length > 0 && name[0] == pattern[0] && Reads(pattern[1..], name[1..], pattern[0] == '/');
    }
}
