using System.Security.Cryptography;
using System.Text;
using Nightshift.Gateway.Files;
using Nightshift.Plumbing.Auth;

namespace Nightshift.Gateway.Tokens;

/// <summary>Says whose token it is, from the file as it is now.</summary>
public sealed class TokenBook(WatchedFile<IReadOnlyList<TokenEntry>> file)
{
    /// <summary>Nobody in particular.</summary>
    public static readonly Caller Anonymous = new("anonymous", Role.None);

    /// <summary>The caller an <c>Authorization</c> header names.</summary>
    /// <param name="authorization">The header's value, or null.</param>
    /// <returns><see cref="Anonymous"/> without a header, with another scheme, or with an unknown token.</returns>
    public Caller Identify(string? authorization) =>
        authorization is not null && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? Find(file.Value, authorization["Bearer ".Length..].Trim())
            : Anonymous;

    /// <summary>
    /// Finds a token's holder. Looks at every entry, in a time that does not depend on how much of a hash matches.
    /// </summary>
    public static Caller Find(IReadOnlyList<TokenEntry> entries, string token)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        var found = Anonymous;
        foreach (var entry in entries)
            if (CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(entry.Sha256)))
                found = new Caller(entry.Name, entry.Role);
        return found;
    }
}
