using System.Security.Cryptography;
using System.Text;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>
/// The programs that run are a copy of what was built, compiled to machine code: they start in half the time, a build
/// made while the system is up does not reach into it, and a service that is started again is still the one whose
/// schema the database has.
/// </summary>
public static class InstalledPrograms
{
    const string Project = "programs";

    public static string Folder(Home home) => Path.Combine(home.Root, "programs");

    /// <summary>
    /// Makes the programs anew when the build they were made from is not the one there is now. Nothing may run from
    /// their folder meanwhile.
    /// </summary>
    /// <returns>Identifies the build: changes with any file of any service.</returns>
    /// <exception cref="ProblemException">The compiler gave up.</exception>
    public static async Task<string> Update(Home home, Action<string> say, CancellationToken cancellationToken)
    {
        var (build, folder) = (
            Fingerprint(Path.Combine(home.Checkout, Project, "bin", "Release", "net10.0")),
            Folder(home)
        );
        var note = Path.Combine(folder, "build");
        if (File.Exists(note) && await File.ReadAllTextAsync(note, cancellationToken) == build)
            return build;
        say("Compiling the services to machine code; this takes about half a minute after a change …");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        await Shell.Require(
            "Compiling the services",
            [
                "dotnet",
                "publish",
                Project,
                "--configuration",
                "Release",
                "--no-build",
                "--nologo",
                "-maxCpuCount:1",
                "--output",
                folder,
            ],
            directory: home.Checkout,
            cancellationToken: cancellationToken
        );
        await File.WriteAllTextAsync(note, build, cancellationToken); // last: half an installation is none
        return build;
    }

    // Some tens of megabytes: less than a tenth of a second, and nothing that matters can be forgotten.
    static string Fingerprint(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file)));
            hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
