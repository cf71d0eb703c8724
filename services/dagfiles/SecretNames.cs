using System.Text.RegularExpressions;

namespace Nightshift.DagFiles;

/// <summary>
/// Names that people give to secrets: those that Airflow masks, and access keys. <c>token</c> counts as a word only, so
/// that <c>max_tokens</c> is none.
/// </summary>
public static partial class SecretNames
{
    /// <summary>True for a name such as <c>DB_PASSWORD</c>, <c>apiKey</c> or <c>github-token</c>.</summary>
    public static bool LooksSecret(string name) => Anywhere().IsMatch(name) || Token().IsMatch(name);

    [GeneratedRegex(
        "passw(?:or)?d|passphrase|secret|api[_.-]?key|private[_.-]?key|access[_.-]?key|authorization|keyfile[_.-]?dict"
            + "|service[_.-]?account",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Anywhere();

    // At an end of a word: _, - and . divide words, and so does a capital letter behind a small one.
    [GeneratedRegex("(?:^|[_.-])(?i:token)(?:$|[_.-]|[A-Z])|[a-z0-9]Token(?:$|[_.-]|[A-Z])")]
    private static partial Regex Token();
}
