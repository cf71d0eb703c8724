namespace Nightshift.Cli.Infrastructure;

/// <summary>Installs Debian packages, and says so; never starts the services they bring.</summary>
public static class Packages
{
    const string Policy = "/usr/sbin/policy-rc.d";

    /// <exception cref="ProblemException">The packages are missing and cannot be installed from here.</exception>
    public static async Task Install(
        IReadOnlyList<string> packages,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        if (packages.Count == 0)
            return;
        var line = $"apt-get install --no-install-recommends -y {string.Join(' ', packages)}";
        if (Machine.Find("apt-get") is null)
            throw new ProblemException(
                $"Missing: {string.Join(", ", packages)} (Debian's names). This is no Debian or Ubuntu; install "
                    + "them with the system's own tool and start again."
            );
        if (!Machine.IsRoot)
            throw new ProblemException(
                $"Missing packages, and no permission to install them. Run this, then start again:\n  sudo {line}"
            );

        say($"Installing {string.Join(", ", packages)} …");
        var environment = new Dictionary<string, string?> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        var forbidden = ForbidServices();
        try
        {
            await Shell.Run(
                ["apt-get", "update", "-q"],
                environment: environment,
                cancellationToken: cancellationToken
            ); // an outdated list may still do
            await Shell.Require(
                $"`{line}`",
                line.Split(' '),
                environment: environment,
                cancellationToken: cancellationToken
            );
        }
        finally
        {
            if (forbidden)
                File.Delete(Policy);
        }
    }

    /// <summary>Debian asks this script before a package starts its service; 101 means no.</summary>
    static bool ForbidServices()
    {
        if (File.Exists(Policy))
            return false;
        File.WriteAllText(Policy, "#!/bin/sh\nexit 101\n");
        File.SetUnixFileMode(Policy, (UnixFileMode)0b111_101_101);
        return true;
    }
}
