using System.Text.RegularExpressions;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// The packaged RabbitMQ server without the plugins it ships. A node looks through the modules and settings of every
/// application it can find each time it boots, enabled or not; without them it boots with some 40 % less CPU time.
/// Links lead to the package's files, so that an update of the package reaches the next start.
/// </summary>
public static partial class RabbitMqServer
{
    /// <summary>Lays the links out anew.</summary>
    /// <param name="program">The package's start script, or a link to it.</param>
    /// <param name="folder">Replaced when it is there.</param>
    /// <returns>False when the package is laid out in a way that is not known: use it as it is.</returns>
    public static bool Arrange(string program, string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true); // links themselves, not what they lead to
        var script = new FileInfo(program).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program;
        if (Path.GetDirectoryName(Path.GetDirectoryName(script)) is not { } server)
            return false;
        if (Needed(Path.Combine(server, "plugins")) is not { Count: > 0 } needed)
            return false;
        Directory.CreateDirectory(Path.Combine(folder, "plugins"));
        foreach (var name in Directory.EnumerateDirectories(server).Select(x => Path.GetFileName(x)))
            if (name != "plugins")
                Directory.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine(server, name));
        foreach (var application in needed)
            Directory.CreateSymbolicLink(Path.Combine(folder, "plugins", Path.GetFileName(application)), application);
        return true;
    }

    /// <summary>The folders of RabbitMQ and of all that it needs.</summary>
    /// <param name="plugins">Holds a folder <c>NAME-VERSION</c> for each application.</param>
    /// <returns>Empty when the server itself is not among them.</returns>
    public static IReadOnlyList<string> Needed(string plugins)
    {
        if (!Directory.Exists(plugins))
            return [];
        var folders = Directory.EnumerateDirectories(plugins).ToLookup(x => Path.GetFileName(x).Split('-')[0]);
        var needed = new HashSet<string>();
        var left = new Stack<string>(["rabbit"]);
        while (left.TryPop(out var application))
            if (folders.Contains(application) && needed.Add(application))
                foreach (var other in folders[application].SelectMany(x => Uses(x, application)))
                    left.Push(other);
        return [.. needed.SelectMany(x => folders[x]).Order(StringComparer.Ordinal)];
    }

    static IEnumerable<string> Uses(string folder, string application)
    {
        var description = Path.Combine(folder, "ebin", $"{application}.app");
        return File.Exists(description)
            ? Dependencies()
                .Matches(File.ReadAllText(description))
                .SelectMany(x => Name().Matches(x.Groups[1].Value))
                .Select(x => x.Value)
            : [];
    }

    // {applications, [kernel, stdlib, …]}, and the same with included_ and optional_
    [GeneratedRegex(@"applications\s*,\s*\[([^\]]*)\]")]
    private static partial Regex Dependencies();

    [GeneratedRegex("[a-z][a-zA-Z0-9_@]*")]
    private static partial Regex Name();
}
