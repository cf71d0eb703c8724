using System.Text.Json;

namespace Nightshift.Testing;

/// <summary>
/// Vectors and data that lie beside the checkout and belong to other people; tests that need them are skipped without
/// them.
/// </summary>
public static class SharedData
{
    /// <summary>The full path of a shared file.</summary>
    public static string Path(string relative)
    {
        var root = Environment.GetEnvironmentVariable("NIGHTSHIFT_SHARED") ?? FindBesideCheckout();
        var path = root is null ? null : System.IO.Path.Combine(root, relative);
        Assert.SkipUnless(
            path is not null && (File.Exists(path) || Directory.Exists(path)),
            $"shared/{relative} is not beside this checkout"
        );
        return path!;
    }

    /// <summary>A shared JSON file.</summary>
    public static JsonDocument Read(string relative) => JsonDocument.Parse(File.ReadAllText(Path(relative)));

    static string? FindBesideCheckout()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Microservices.sln")))
                return System.IO.Path.Combine(folder.Parent!.FullName, "shared");
        return null;
    }
}
