using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Replay;

/// <summary>One event for people: what happened, and what of the state it changed.</summary>
public static class ReplayText
{
    /// <summary>Values longer than this are cut; <c>--full</c> and <c>--json</c> show all.</summary>
    const int Shown = 160;

    /// <summary>
    /// An event and what it changed, line by line: the first event of a large run changes every task.
    /// </summary>
    public static IEnumerable<string> Of(JsonElement step)
    {
        var changes = Change.In(step).Select(x => $"    {Line(x)}\n").DefaultIfEmpty("    unchanged\n");
        return Event(step, cut: true).Append("  state:\n").Concat(changes);
    }

    /// <summary>An event and the whole states around it.</summary>
    public static IEnumerable<string> Full(JsonElement step, JsonElement before, JsonElement after) =>
        [.. Event(step, cut: false), "  before:\n", Indented(before), "  after:\n", Indented(after)];

    static IEnumerable<string> Event(JsonElement step, bool cut)
    {
        var recorded = step.LocalTime("recordedAt", "yyyy-MM-dd HH:mm:ss.fff zzz");
        yield return $"#{step.Text("version")}  {recorded}  {step.Text("type")}\n";
        foreach (var member in step.At("data").EnumerateObject())
            yield return $"    {member.Name}: {Value(member.Value, cut)}\n";
    }

    /// <summary>One change on one line: added, gone, or changed.</summary>
    public static string Line(Change change)
    {
        var path = Terminal.Safe(string.Join('.', change.Names));
        return (change.Before.ValueKind, change.After.ValueKind) switch
        {
            (JsonValueKind.Undefined, _) => $"+ {path}: {Value(change.After, cut: true)}",
            (_, JsonValueKind.Undefined) => $"- {path}: {Value(change.Before, cut: true)}",
            _ => $"~ {path}: {Value(change.Before, cut: true)} -> {Value(change.After, cut: true)}",
        };
    }

    static string Indented(JsonElement state) =>
        string.Concat(state.Pretty().Split('\n').Select(x => $"    {Terminal.Safe(x)}\n"));

    static string Value(JsonElement value, bool cut) => Terminal.Safe(cut ? value.Excerpt(Shown) : value.Compact());
}
