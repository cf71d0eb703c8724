using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>
/// Remembers which build last prepared the database, so that an unchanged build starts without looking at the schema.
/// </summary>
public static class Schema
{
    public static bool IsCurrent(Home home, string postgres, string build) =>
        File.Exists(Path(home)) && File.ReadAllText(Path(home)) == Text(postgres, build);

    public static void Remember(Home home, string postgres, string build) =>
        File.WriteAllText(Path(home), Text(postgres, build));

    static string Text(string postgres, string build) => $"{build}\n{postgres}\n";

    // Beside the private cluster's data: whoever deletes the data deletes this with it.
    static string Path(Home home) =>
        System.IO.Path.Combine(
            Directory.CreateDirectory(System.IO.Path.Combine(home.Root, "postgres")).FullName,
            "schema"
        );
}
