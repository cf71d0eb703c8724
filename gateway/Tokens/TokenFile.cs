using System.Text.Json;
using System.Text.RegularExpressions;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Gateway.Tokens;

/// <summary>One token as the file keeps it. The token itself is nowhere.</summary>
/// <param name="Name">Who holds it, as shown in events and logs.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Sha256">SHA-256 of the token's bytes, 64 hexadecimal digits. Enough without salt or stretching: a token
/// is 256 random bits.</param>
/// <param name="CreatedAt">When it was made (UTC).</param>
public sealed record TokenEntry(string Name, Role Role, string Sha256, DateTimeOffset CreatedAt);

/// <summary>Reads the file of tokens.</summary>
public static partial class TokenFile
{
    /// <summary>Reads the file; a missing one holds no tokens, so whoever deletes it revokes them all.</summary>
    /// <exception cref="FormatException">Says which entry is wrong and what to write.</exception>
    public static IReadOnlyList<TokenEntry> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>
    /// Parses the file's content; one bad entry spoils all, so that a typing error never lets the wrong half in.
    /// </summary>
    /// <exception cref="FormatException">Says which entry is wrong and what to write.</exception>
    public static IReadOnlyList<TokenEntry> Parse(string json)
    {
        try
        {
            var entries =
                JsonSerializer.Deserialize<IReadOnlyList<TokenEntry>>(json, Json.Options)
                ?? throw new FormatException("it holds null; write [] for no tokens");
            foreach (var (index, entry) in entries.Index())
                Require(index, entry);
            return entries;
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not a JSON array of {{name, role, sha256, createdAt}}: {e.Message}", e);
        }
    }

    static void Require(int index, TokenEntry? entry)
    {
        var wrong =
            entry is null ? "is null"
            : !Name().IsMatch(entry.Name ?? "") ? "needs a name of up to 64 letters, digits, '.', '_' and '-'"
            : entry.Role is Role.None || !Enum.IsDefined(entry.Role) ? "needs the role viewer, operator or admin"
            : !Hash().IsMatch(entry.Sha256 ?? "") ? "needs sha256 with 64 hexadecimal digits"
            : null;
        if (wrong is not null)
            throw new FormatException($"entry {index + 1} {wrong}");
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Name();

    [GeneratedRegex("^[0-9a-fA-F]{64}$")]
    private static partial Regex Hash();
}
