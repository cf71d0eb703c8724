using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// GitHub's signature: HMAC-SHA256 over the raw bytes of the body, as <c>sha256=</c> and 64 hex digits.
/// </summary>
public static class Signature
{
    /// <summary>The only header that authenticates; the older SHA-1 one is ignored.</summary>
    public const string Header = "X-Hub-Signature-256";

    /// <summary>What stands before the hex digits; case counts.</summary>
    internal const string Prefix = "sha256=";

    const int HexDigits = 64;
    static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Cheap check before the body is read: does it look like a signature at all?</summary>
    public static bool IsWellFormed(string? header) =>
        header is not null
        && header.StartsWith(Prefix, StringComparison.Ordinal)
        && header.AsSpan(Prefix.Length) is { Length: HexDigits } digits
        && !digits.ContainsAnyExcept(Hex);
}

/// <summary>Hashes a body piece by piece while it is read, with every secret that may have signed it.</summary>
public sealed class BodyHasher : IDisposable
{
    readonly IncrementalHash plain = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly IReadOnlyList<IncrementalHash> signed;

    /// <param name="secrets">The secrets; an empty one signs nothing.</param>
    public BodyHasher(IEnumerable<string> secrets) =>
        signed = [
            .. secrets
                .Where(x => x.Length > 0)
                .Select(x => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(x))),
        ];

    /// <summary>Adds the next piece of the body.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        plain.AppendData(piece);
        foreach (var hash in signed)
            hash.AppendData(piece);
    }

    /// <summary>
    /// True when one of the secrets made this signature over what was appended. Compares in constant time, and the same
    /// whichever secret it was. Ends the hashing for signatures.
    /// </summary>
    /// <param name="header">The value of <see cref="Signature.Header"/>.</param>
    public bool Matches(string? header)
    {
        if (!Signature.IsWellFormed(header))
            return false;
        var given = Convert.FromHexString(header.AsSpan(Signature.Prefix.Length));
        return signed.Aggregate(
            seed: false,
            (matches, hash) => CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), given) | matches
        );
    }

    /// <summary>SHA-256 of what was appended, lower-case hex. Ends the hashing.</summary>
    public string Sha256() => Convert.ToHexStringLower(plain.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose()
    {
        plain.Dispose();
        foreach (var hash in signed)
            hash.Dispose();
    }
}
