using System.Text.Json;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Matching;

/// <summary>A push, reduced to what triggers ask about.</summary>
/// <param name="Repository"><c>owner/name</c></param>
/// <param name="Ref">The full ref.</param>
/// <param name="Sha">The commit the ref points to afterwards; all zeros when it was deleted.</param>
/// <param name="Sender">Login of whoever pushed; the pusher's name when GitHub gives no sender, else empty.</param>
/// <param name="Deleted">True when the ref was deleted: GitHub says so, or the commit afterwards is all zeros.</param>
/// <param name="Message">The head commit's message; empty without a head commit.</param>
/// <param name="Paths">Every file the push changed; null when the payload cannot tell.</param>
public sealed record Push(
    string Repository,
    string Ref,
    string Sha,
    string Sender,
    bool Deleted,
    string Message,
    IReadOnlySet<string>? Paths
)
{
    const string Branches = "refs/heads/";

    /// <summary>GitHub lists no more commits than this.</summary>
    const int MaxCommits = 2048;

    /// <summary>GitHub lists no more changed files of one commit than this.</summary>
    const int MaxFiles = 3000;

    /// <summary>The branch without <c>refs/heads/</c>; null for a tag or anything else.</summary>
    public string? Branch =>
        Ref.StartsWith(Branches, StringComparison.Ordinal) && Ref.Length > Branches.Length
            ? Ref[Branches.Length..]
            : null;

    /// <summary>Reads a push, whatever else its payload holds or lacks; null without repository or ref.</summary>
    public static Push? Read(Payload payload)
    {
        using var document = JsonDocument.Parse(payload.Json, new JsonDocumentOptions { MaxDepth = Envelope.MaxDepth });
        var root = document.RootElement;
        if (Name(root, "repository", "full_name") is not { } repository || Name(root, "ref") is not { } name)
            return null;
        var sha = Name(root, "after") ?? "";
        return new(
            repository,
            name,
            sha,
            Name(root, "sender", "login") ?? Name(root, "pusher", "name") ?? "",
            Deleted: Is(root, "deleted") || IsZero(sha),
            Text(root, "head_commit", "message") ?? "",
            ChangedFiles(root)
        );
    }

    // Commits are listed relative to other branches (a new branch) or leave out what a force push took away: either way
    // the list is not the whole change.
    static HashSet<string>? ChangedFiles(JsonElement root)
    {
        if (Is(root, "created") || Is(root, "forced"))
            return null;
        if (
            Find(root, "commits") is not { ValueKind: JsonValueKind.Array } commits
            || commits.GetArrayLength() is 0 or >= MaxCommits
        )
            return null;
        var files = new HashSet<string>(StringComparer.Ordinal);
        return commits.EnumerateArray().All(x => Collect(x, files)) ? files : null;
    }

    static bool Collect(JsonElement commit, HashSet<string> files)
    {
        var listed = 0;
        foreach (var list in (ReadOnlySpan<string>)["added", "modified", "removed"])
        {
            if (Find(commit, list) is not { ValueKind: JsonValueKind.Array } names)
                return false;
            foreach (var name in names.EnumerateArray())
            {
                if (AsText(name) is not { } file)
                    return false;
                files.Add(file);
                listed++;
            }
        }
        return listed < MaxFiles;
    }

    static bool Is(JsonElement root, string name) => Find(root, name) is { ValueKind: JsonValueKind.True };

    static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (Find(element, name) is not { } next)
                return null;
            element = next;
        }
        return AsText(element);
    }

    // What becomes part of a run. Longer than any name of git or GitHub is no name.
    static string? Name(JsonElement element, params ReadOnlySpan<string> path) =>
        Text(element, path) is { Length: <= Envelope.MaxText } name ? name : null;

    static string? AsText(JsonElement element) =>
        element.ValueKind is JsonValueKind.String ? element.GetString() : null;

    // How git names no commit at all; 40 digits in SHA-1 repositories, 64 in SHA-256 ones.
    static bool IsZero(string sha) => sha.Length > 0 && sha.All(x => x is '0');

    static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;
}
