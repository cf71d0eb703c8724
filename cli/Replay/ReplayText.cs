using System.Globalization;
using System.Text;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Replay;

/// <summary>One event for people: what happened, and what of the state it changed.</summary>
public static class ReplayText
{
    /// <summary>Values longer than this are cut; <c>--full</c> and <c>--json</c> show all.</summary>
    const int Shown = 160;

    /// <summary>An event and what it changed.</summary>
    public static string Of(JsonElement step)
    {
        var text = Event(step, cut: true).Append("  state:\n");
        var before = text.Length;
        foreach (var change in Change.In(step))
            text.Append(CultureInfo.InvariantCulture, $"    {Line(change)}\n");
        return (text.Length == before ? text.Append("    unchanged\n") : text).ToString();
    }

    /// <summary>An event and the whole states around it.</summary>
    public static string Full(JsonElement step, JsonElement before, JsonElement after) =>
        Event(step, cut: false)
            .Append("  before:\n")
            .Append(Indented(before))
            .Append("  after:\n")
            .Append(Indented(after))
            .ToString();

    static StringBuilder Event(JsonElement step, bool cut)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"#{step.Text("version")}  {step.LocalTime("recordedAt", "yyyy-MM-dd HH:mm:ss.fff zzz")}  {step.Text("type")}\n"
        );
        foreach (var member in step.At("data").EnumerateObject())
            text.Append(CultureInfo.InvariantCulture, $"    {member.Name}: {Value(member.Value, cut)}\n");
        return text;
    }

    static string Line(Change change)
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

    static string Value(JsonElement value, bool cut) =>
        Terminal.Safe(cut ? Terminal.Excerpt(value.Compact(), Shown) : value.Compact());
}
