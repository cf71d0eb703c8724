using System.Buffers;
using Octokit.Webhooks;

namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// GitHub's signature: HMAC-SHA256 over the raw bytes of the body, as <c>sha256=</c> and 64 hex digits.
/// </summary>
public static class Signature
{
    /// <summary>The only header that authenticates; the older SHA-1 one is recorded and otherwise ignored.</summary>
    public const string Header = "X-Hub-Signature-256";

    const string Prefix = "sha256=";
    const int HexDigits = 64;
    static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Cheap check before the body is read: does it look like a signature at all?</summary>
    public static bool IsWellFormed(string? header) =>
        header is not null
        && header.StartsWith(Prefix, StringComparison.Ordinal)
        && header.AsSpan(Prefix.Length) is { Length: HexDigits } digits
        && !digits.ContainsAnyExcept(Hex);

    /// <summary>
    /// True when the secret made this signature over this body. Compares in constant time; an empty secret signs
    /// nothing.
    /// </summary>
    public static bool Matches(string? header, string? secret, ReadOnlySpan<byte> body) =>
        IsWellFormed(header)
        && !string.IsNullOrEmpty(secret)
        && WebhookSignatureValidator.Verify(header!, secret, body) == WebhookSignatureValidationResult.Valid;
}
