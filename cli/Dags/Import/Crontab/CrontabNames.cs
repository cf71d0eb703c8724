using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Nightshift.Cli.Dags.Import.Crontab;

/// <summary>
/// Names DAGs after what their lines run. A line keeps its name while others come and go; of lines that would have the
/// same name all but the first get a hash of what they say.
/// </summary>
sealed partial class CrontabNames
{
    static readonly HashSet<string> Preparing =
    [
        "cd",
        "test",
        "[",
        "[[",
        "export",
        "set",
        ".",
        "source",
        "umask",
        "sleep",
        "true",
        ":",
    ];

    static readonly HashSet<string> Wrappers =
    [
        "sudo",
        "nice",
        "ionice",
        "nohup",
        "flock",
        "timeout",
        "env",
        "exec",
        "chronic",
        "time",
        "command",
        "setsid",
    ];

    readonly HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase); // files of one name on any file system

    public string Of(CrontabJob job)
    {
        var name = DagName.Of(Words(job.Command), "job");
        if (taken.Add(name))
            return name;
        var text = $"{job.When}\n{job.User}\n{job.Command}\n{job.Input}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..6];
        var unique = $"{name}-{hash}";
        for (var copy = 2; !taken.Add(unique); copy++) // the same line again
            unique = $"{name}-{hash}-{copy}";
        return unique;
    }

    static string Words(string command)
    {
        var parts = Separators().Split(command).Select(Program).OfType<string>().ToList();
        return parts.Count > 0 ? parts[0] : "";
    }

    // "/usr/bin/flock -n /run/x.lock python3 -m backup.nightly --all" is backup.nightly.
    static string? Program(string part)
    {
        var words = new Queue<string>(Word().Matches(part).Select(x => x.Value.Trim('"', '\'', '(', ')', '{', '}')));
        while (words.TryDequeue(out var word))
        {
            var name = Base(word);
            if (name.Length == 0 || Assignment().IsMatch(word))
                continue;
            if (Preparing.Contains(name))
                return null;
            if (Wrappers.Contains(name))
                SkipOptions(words, also: name == "flock");
            else if (Interpreter().IsMatch(name))
                return Script(words);
            else if (name == "run-parts")
                return Script(words) is { } scripts ? $"{name}-{scripts}" : name;
            else
                return words.TryPeek(out var verb) && Verb().IsMatch(verb) ? $"{name}-{verb}" : name;
        }
        return null;
    }

    static void SkipOptions(Queue<string> words, bool also)
    {
        while (words.TryPeek(out var word) && (Option().IsMatch(word) || also && word.StartsWith('/')))
        {
            also &= !word.StartsWith('/');
            words.Dequeue();
        }
    }

    // Null for a script that stands in the line itself.
    static string? Script(Queue<string> words)
    {
        while (words.TryDequeue(out var word))
            if (!word.StartsWith('-'))
                return Base(word);
            else if (word is "-c" or "-e")
                return null;
        return null;
    }

    static string Base(string word) => Extension().Replace(word[(word.TrimEnd('/').LastIndexOf('/') + 1)..], "");

    [GeneratedRegex(@"&&|\|\||[;|&\n]")]
    private static partial Regex Separators();

    [GeneratedRegex(@"""[^""]*""|'[^']*'|\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*=")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\A(?:-.*|[0-9.]+[smhd]?)\z")]
    private static partial Regex Option();

    [GeneratedRegex(@"\A(?:(?:ba|da|z|k)?sh|python[0-9.]*|perl|ruby|php[0-9.]*|node)\z")]
    private static partial Regex Interpreter();

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{1,20}\z")]
    private static partial Regex Verb();

    [GeneratedRegex(@"\.(?:sh|bash|py|pl|rb|php|js)\z")]
    private static partial Regex Extension();
}
