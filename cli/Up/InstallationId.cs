using System.Security.Cryptography;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>
/// What tells this home's system from others on the same broker or engine: <c>Nightshift__Installation</c>, or a name
/// made up once and kept in the home.
/// </summary>
public static class InstallationId
{
    const string Variable = "Nightshift__Installation";

    public static string Of(Home home)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set)
            return set; // the services refuse one that is no id
        var path = Path.Combine(home.Root, "installation");
        if (!File.Exists(path))
            PrivateFile.Write(path, $"ns-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}\n");
        return File.ReadAllText(path).Trim();
    }
}
