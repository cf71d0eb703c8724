using System.Security.Cryptography;
using System.Text;
using Nightshift.Gateway.Files;

namespace Nightshift.Gateway.Tokens;

/// <summary>The tokens as the file has them now.</summary>
public sealed class TokenStore(WatchedFile<IReadOnlyList<TokenEntry>> file)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<TokenEntry> Entries => file.Value;

    /// <summary>The entry of a token; null for one that is not known, or not any more.</summary>
    public TokenEntry? Find(string token) => Find(Entries, token);

    /// <summary>
    /// Finds a token's entry. Looks at every entry, in a time that does not depend on how much of a hash matches.
    /// </summary>
    public static TokenEntry? Find(IReadOnlyList<TokenEntry> entries, string token)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        TokenEntry? found = null;
        foreach (var entry in entries)
            if (CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(entry.Sha256)))
                found = entry;
        return found;
    }
}
