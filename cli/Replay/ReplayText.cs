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

    /// <param name="step">An event with the state before and after it.</param>
    /// <param name="full">Shows both states whole rather than what differs.</param>
    public static string Of(JsonElement step, bool full)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"#{step.Text("version")}  {step.LocalTime("recordedAt", "yyyy-MM-dd HH:mm:ss.fff zzz")}  {step.Text("type")}\n"
        );
        foreach (var member in step.At("data").EnumerateObject())
            text.Append(CultureInfo.InvariantCulture, $"    {member.Name}: {Value(member.Value.Compact(), full)}\n");
        if (full)
            return text.Append("  before:\n")
                .Append(Indented(step.At("before")))
                .Append("  after:\n")
                .Append(Indented(step.At("after")))
                .ToString();

        text.Append("  state:\n");
        var changes = StateDiff.Of(step.At("before"), step.At("after")).ToArray();
        if (changes.Length == 0)
            text.Append("    unchanged\n");
        foreach (var (path, before, after) in changes)
            text.Append(
                CultureInfo.InvariantCulture,
                $"    {new Change(path, before is null ? null : Value(before, full), after is null ? null : Value(after, full))}\n"
            );
        return text.ToString();
    }

    static string Indented(JsonElement state) =>
        string.Concat(state.Pretty().Split('\n').Select(x => $"    {Terminal.Safe(x)}\n"));

    static string Value(string json, bool full) => Terminal.Safe(full ? json : Terminal.Excerpt(json, Shown));
}
