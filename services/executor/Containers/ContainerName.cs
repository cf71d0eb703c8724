using System.Security.Cryptography;
using System.Text;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor.Containers;

/// <summary>
/// An attempt's container has one possible name: whoever runs the attempt a second time meets the first one's
/// container.
/// </summary>
public static class ContainerName
{
    /// <summary>Characters of the id that are shown; the engine itself sets no limit.</summary>
    const int LongestReadable = 150;

    /// <summary>
    /// The name of an attempt's container: the id with <c>.</c> for what the engine does not take in a name, for
    /// people, and a hash of the whole id, which keeps apart ids that read alike.
    /// </summary>
    /// <param name="attemptId">The attempt's id.</param>
    /// <param name="installation">The installation's id: another one on the same engine may have an attempt of that
    /// id.</param>
    public static string Of(string attemptId, string installation) =>
        (installation == Installation.Default ? "nightshift-" : $"{installation}.")
        + $"{Readable(attemptId)}-{Hash(attemptId)}";

    static string Hash(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..16];

    static string Readable(string id) =>
        string.Concat(
            id.Take(LongestReadable).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' ? c : '.')
        );
}
