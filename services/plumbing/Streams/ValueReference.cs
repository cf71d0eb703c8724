using System.Security.Cryptography;
using System.Text;

namespace Nightshift.Plumbing.Streams;

/// <summary>Stands in an event for a long value, which is stored beside the stream.</summary>
/// <param name="Sha256">SHA-256 of the value as UTF-8, 64 lower-case hexadecimal digits; its key.</param>
/// <param name="Bytes">Its length as UTF-8.</param>
public sealed record ValueReference(string Sha256, int Bytes)
{
    /// <summary>The reference to a value.</summary>
    public static ValueReference To(string value)
    {
        var utf8 = Encoding.UTF8.GetBytes(value);
        return new(Convert.ToHexStringLower(SHA256.HashData(utf8)), utf8.Length);
    }
}
