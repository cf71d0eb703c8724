using Nightshift.Webhooks.Deliveries;

namespace Nightshift.Webhooks.Matching;

/// <summary>Which pushes start a DAG, and why.</summary>
public static class PushMatcher
{
    const string Trailer = "skip-checks";

    const int LongestPath = 200;

    // GitHub Actions' own list; the last is Azure's, seen on GitHub too.
    static readonly string[] SkipMarks =
    [
        "[skip ci]",
        "[ci skip]",
        "[no ci]",
        "[skip actions]",
        "[actions skip]",
        "***NO_CI***",
    ];

    /// <summary>What excludes a push from starting anything at all; null when nothing does.</summary>
    public static string? Exclusion(Push push, bool honourSkipMarks) =>
        push switch
        {
            { Branch: null } => $"{push.Ref} is not a branch",
            { Deleted: true } => $"The branch {push.Branch} was deleted",
            _ when honourSkipMarks && SkipMark(push.Message) is { } mark => $"The head commit's message says {mark}",
            _ => null,
        };

    /// <summary>Judges one DAG: the first of its conditions that fails decides.</summary>
    public static DagVerdict Judge(DagTriggers dag, Push push)
    {
        if (dag.Push is not { } trigger)
            return new(dag.Id, Matched: false, "Pushes do not start this DAG");
        if (!Passes(trigger.Repositories, push.Repository, ignoreCase: true))
            return new(
                dag.Id,
                Matched: false,
                $"Repository {push.Repository} is not among {List(trigger.Repositories)}"
            );
        if (!Passes(trigger.Branches, push.Branch ?? ""))
            return new(dag.Id, Matched: false, $"Branch {push.Branch} is not among {List(trigger.Branches)}");
        var (changed, why) = Changed(trigger.Paths, push.Paths);
        return new(
            dag.Id,
            changed,
            changed ? $"Repository {push.Repository} and branch {push.Branch} match; {why}" : why
        );
    }

    static (bool Changed, string Why) Changed(IReadOnlyList<string> patterns, IReadOnlySet<string>? paths)
    {
        if (patterns.Count == 0)
            return (true, "any path counts");
        if (paths is null)
            return (true, "GitHub does not list every changed file here, so any may have changed");
        var globs = patterns.Select(x => new Glob(x)).ToList();
        return paths.Order(StringComparer.Ordinal).FirstOrDefault(x => Glob.Includes(globs, x)) is { } path
            ? (true, $"{Webhooks.Text.Bounded(path, LongestPath)} changed")
            : (false, $"None of {paths.Count} changed files is among {List(patterns)}");
    }

    static bool Passes(IReadOnlyList<string> patterns, string name, bool ignoreCase = false) =>
        patterns.Count == 0 || Glob.Includes([.. patterns.Select(x => new Glob(x, ignoreCase))], name);

    static string List(IReadOnlyList<string> patterns) => string.Join(", ", patterns);

    static string? SkipMark(string message) =>
        SkipMarks.FirstOrDefault(x => message.Contains(x, StringComparison.OrdinalIgnoreCase))
        ?? (HasTrailer(message) ? $"{Trailer}: true" : null);

    // A trailer stands in the last paragraph, which is not the subject. Mentioned anywhere else it is text.
    static bool HasTrailer(string message)
    {
        var lines = message.TrimEnd().ReplaceLineEndings("\n").Split('\n');
        var blank = Array.FindLastIndex(lines, string.IsNullOrWhiteSpace);
        return blank > 0 && lines[(blank + 1)..].Any(IsTrailer);
    }

    static bool IsTrailer(string line) =>
        line.Split(':', 2) is [var key, var value]
        && key.Trim().Equals(Trailer, StringComparison.OrdinalIgnoreCase)
        && value.Trim().Equals("true", StringComparison.OrdinalIgnoreCase);
}
