using System.Security.Cryptography;
using System.Text;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>
/// The programs that run are a copy of what was built: a build made while the system is up does not reach into it, and a
/// service that is started again is still the one whose schema the database has.
/// </summary>
public static class Installation
{
    public static string Folder(Home home, string service) => Path.Combine(home.Root, "programs", service);

    /// <summary>Copies the services when they differ from the copy. Nothing may run from it meanwhile.</summary>
    /// <returns>Identifies the build: changes with any file of any service.</returns>
    public static string Update(Home home)
    {
        var (build, root) = (Fingerprint(home.Checkout), Path.Combine(home.Root, "programs"));
        var note = Path.Combine(root, "build");
        if (File.Exists(note) && File.ReadAllText(note) == build) return build;
        if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
        foreach (var service in Services.Names) Copy(Built(home.Checkout, service), Folder(home, service));
        File.WriteAllText(note, build); // last: half a copy is none
        return build;
    }

    // Some hundred megabytes: a tenth of a second, and nothing that matters can be forgotten.
    static string Fingerprint(string checkout)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Services.Names.SelectMany(service => Directory.GetFiles(Built(checkout, service), "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(checkout, file)));
            hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static string Built(string checkout, string service) =>
        Path.Combine(checkout, service == Services.Gateway ? "" : "services", service, "bin", "Release", "net10.0");

    static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
