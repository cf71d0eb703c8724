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
    const int Longest = 200;

    /// <summary>
    /// The name of an attempt's container. An id the engine would not take as a name is replaced by its hash.
    /// </summary>
    /// <param name="attemptId">The attempt's id.</param>
    /// <param name="installation">The installation's id: another one on the same engine may have an attempt of that
    /// id.</param>
    public static string Of(string attemptId, string installation) =>
        $"{(installation == Installation.Default ? "nightshift-" : $"{installation}.")}{(Fits(attemptId) ? attemptId : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(attemptId))))}";

    static bool Fits(string id) =>
        id.Length is > 0 and <= Longest && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
