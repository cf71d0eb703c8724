using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>No file takes the scheduler with it: each ends as a DAG or as less than 1 kB of mistakes.</summary>
public sealed class HostileDagFiles
{
    const string Task = "tasks: { t: { noop: true } }";

    // name │ the file │ the line of the mistake │ what it says
    public static TheoryData<string, string, int, string> Texts() =>
        new()
        {
            { "alias bomb", Bomb(), 8, "its aliases repeat" },
            { "merge bomb", MergeBomb(), 9, "its aliases repeat" },
            {
                "one long text, many aliases",
                $"dag: d\nx: &x {new string('x', 100_000)}\ny: [{Repeat("*x, ", 200)}]",
                3,
                "repeat"
            },
            { "anchor inside itself", "dag: d\nr: &r [*r, *r]\n" + Task, 2, "inside its own anchor" },
            { "anchor inside itself, mapping", "dag: d\nr: &r { a: *r }\n" + Task, 2, "inside its own anchor" },
            { "lists in lists", $"dag: d\nx: {new string('[', 100_000)}", 2, "50 deep" },
            { "mappings in mappings", $"dag: d\nx: {Repeat("{ a: ", 100_000)}", 2, "50 deep" },
            { "dashes", Repeat("- ", 100_000), 1, "50 deep" },
            { "keys of keys", Repeat("? ", 100_000), 1, "50 deep" },
            {
                "indentation",
                string.Concat(Enumerable.Range(0, 400).Select(i => new string(' ', i) + "a:\n")),
                51,
                "50 deep"
            },
            { "NUL escape", "dag: d\ntasks:\n  t:\n    run: \"echo hi\\0there\"", 4, "NUL character" },
            { "NUL escape as key", "dag: d\n\"a\\0\": 1\n" + Task, 2, "NUL character" },
            { "NUL", "dag: d\n# \0\n" + Task, 2, "NUL character" },
            { "half a pair, escaped", "dag: d\nparams: { a: \"\\ud83d\" }\n" + Task, 2, "" },
            { "half a pair", "dag: d\nparams: { a: \ud83d }\n" + Task, 2, "U+D83D" },
            { "beyond Unicode", "dag: d\nparams: { a: \"\\U00110000\" }\n" + Task, 2, "" },
            { "escape sequence", "dag: d\nx: \u001b[2J\n" + Task, 2, "U+001B" },
            { "byte order mark inside", "dag: d\n\uFEFFx: 1\n" + Task, 2, "byte order mark" },
            { "a name of 100,000", $"dag: {new string('d', 100_000)}\n{Task}", 1, "cannot be a DAG's name" },
            { "a key of 100,000", $"dag: d\n\"{new string('k', 100_000)}\": 1\n{Task}", 2, "" },
            { "terminal escapes in a name", "dag: \"\\e[31m\\u202e\"\n" + Task, 1, "cannot be a DAG's name" },
            { "1,000 mistakes", $"dag: d\n{Repeat("x{0}: 1\n", 1000)}{Task}", 2, "has no key 'x0'" },
            {
                "needs of 5,000 unknown",
                $"dag: d\ntasks: {{ t: {{ noop: true, needs: [{Repeat("n{0}, ", 5000)}] }} }}",
                2,
                "needs 'n0'"
            },
            {
                "10,000 tasks that need nothing there",
                $"dag: d\ntasks:\n{Repeat("  t{0}: {{ noop: true, needs: [zz{0}] }}\n", 10_000)}",
                3,
                "needs 'zz0'"
            },
            {
                "a cron expression of 100,000",
                $"dag: d\nschedule: \"{Repeat("0,", 50_000)}0 * * * *\"\n{Task}",
                2,
                "is no schedule"
            },
            { "only a byte order mark", "\uFEFF", 1, "0 YAML documents" },
            { "100,000 documents", Repeat("---\n", 100_000), 1, "YAML documents" },
            {
                "template of nested blocks",
                $"dag: d\nparams: {{ a: '{Repeat("{{% if ds %}}", 5000)}' }}\n{Task}",
                2,
                "deep inside"
            },
            {
                "template of nested indexes",
                $"dag: d\nparams: {{ a: '{{{{ {Repeat("ds[", 20_000)} }}}}' }}\n{Task}",
                2,
                "filters, conditions and indexes"
            },
            {
                "template of many conditions",
                $"dag: d\nparams: {{ a: '{{% if {Repeat("ds and ", 15_000)} ds %}}{{% endif %}}' }}\n{Task}",
                2,
                "filters, conditions and indexes"
            },
            {
                "template of many filters",
                $"dag: d\nparams: {{ a: '{{{{ ds {Repeat("| upcase ", 10_000)} }}}}' }}\n{Task}",
                2,
                "filters, conditions and indexes"
            },
            {
                "defaults for 10,000 tasks",
                $"dag: d\ndefaults: {{ env: {{ A: {new string('a', 100_000)} }} "
                    + $"}}\ntasks:\n{Repeat("  t{0}: {{ noop: true }}\n", 10_000)}",
                171,
                "With what 'defaults' gives each task"
            },
        };

    static string Repeat(string text, int times)
    {
        var all = new StringBuilder();
        for (var i = 0; i < times; i++)
            all.Append(
                text.Replace("{0}", $"{i}", StringComparison.Ordinal)
                    .Replace("{{", "{", StringComparison.Ordinal)
                    .Replace("}}", "}", StringComparison.Ordinal)
            );
        return all.ToString();
    }

    static string Bomb() =>
        "dag: d\na: &a [x, x, x, x, x, x, x, x, x]\n"
        + string.Concat("bcdefghij".Select((x, i) => $"{x}: &{x} [{Repeat($"*{(char)('a' + i)}, ", 9)}]\n"))
        + Task;

    static string MergeBomb() =>
        "dag: d\na: &a { k: x }\n"
        + string.Concat(
            "bcdefghijk".Select((x, i) => $"{x}: &{x} {{ k{x}: 1, <<: [{Repeat($"*{(char)('a' + i)}, ", 9)}] }}\n")
        )
        + Task;

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_hostile_text_is_one_short_error(string name, string yaml, int line, string text)
    {
        Assert.NotEmpty(name);
        var reading = DagFile.Read(yaml);
        Assert.Null(reading.Spec);
        Assert.Contains(text, reading.Mistakes[0].Text, StringComparison.Ordinal);
        Assert.Equal(line, reading.Mistakes[0].Line);
        AssertBounded(reading);
    }

    public static TheoryData<string, byte[], int, string> Encodings() =>
        new()
        {
            { "Latin-1", Encoding.Latin1.GetBytes("dag: d\n# Größe\n" + Task), 2, "not UTF-8" },
            { "UTF-16 without a mark", Encoding.Unicode.GetBytes("dag: d\n" + Task), 1, "save the file as UTF-8" },
            { "half of UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("dag: d"), 0], 1, "not UTF-8" },
            { "overlong NUL", [.. "dag: d\n# "u8, 0xC0, 0x80], 2, "not UTF-8" },
            { "a surrogate in UTF-8", [.. "dag: d\n# "u8, 0xED, 0xA0, 0x80], 2, "not UTF-8" },
            { "cut in a character", [.. "dag: d\n# "u8, 0xE2, 0x82], 2, "not UTF-8" },
        };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Bytes_that_are_no_text_are_never_garbled(string name, byte[] bytes, int line, string text)
    {
        Assert.NotEmpty(name);
        var mistake = Assert.Single(DagFile.Read(bytes, "a.yaml").Mistakes);
        Assert.Equal(line, mistake.Line);
        Assert.Contains(text, mistake.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_byte_order_mark_says_the_encoding(string encoding)
    {
        var with = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. with.GetPreamble(), .. with.GetBytes("dag: d\nparams: { p: Grüße 😀 }\n" + Task)];
        Assert.Equal("Grüße 😀", DagFile.Read(bytes, "a.yaml").Spec!.Params["p"]);
    }

    // What mutated files are made of: real ones, and what has a meaning in YAML or in templates.
    static readonly string[] Originals =
    [
        "dag: d\nschedule: \"0 9 * * 1-5\"\ntimezone: Europe/Berlin\ncatchup: false\non:\n  push: { "
            + "repositories: [acme/*], branches: [main] }\nparams: { day: \"{{ ds }}\", n: 42 }\ndefaults: { "
            + "retries: 2, retry_delay: 30s, env: &e { A: '1' } }\ntasks:\n  extract:\n    run: |\n      "
            + "echo \"rows of $DAY\"\n    env: { DAY: \"{{ params.day }}\", <<: *e }\n  report:\n    "
            + "needs: [extract]\n    command: [sh, -c, 'echo \"$ROWS\"']\n    env: { ROWS: \"{{ "
            + "tasks.extract.output.rows | default: 0 }}\" }\n    memory: 256MiB\n  done: { "
            + "needs: [extract, report], trigger_rule: all_done, noop: true }\n",
        "dag: x\nschedule: { every: 15m }\ntasks: { a: { noop: true }, b: { needs: a, noop: true } }\n",
    ];

    static readonly string[] Pieces =
    [
        "[",
        "]",
        "{",
        "}",
        ":",
        ": ",
        "- ",
        "? ",
        "&a ",
        "*a",
        "<<: ",
        "!",
        "!!",
        "|",
        ">",
        "'",
        "\"",
        "\\",
        "\\0",
        "\\ud800",
        "%",
        "@",
        "`",
        "#",
        "~",
        "\t",
        "\n",
        "\r\n",
        "---",
        "...",
        " ",
        "\uFEFF",
        "\0",
        "\ud800",
        "é",
        "{{",
        "}}",
        "{%",
        "%}",
        "{% for i in (1..999999999) %}",
        "{% endfor %}",
        "| append: ds",
        "| default:",
        "null",
        "0x",
        "1e999999",
        "9999999999999999999999999999999",
    ];

    public static Arbitrary<string> Mutated() =>
        (
            from original in Gen.Elements(Originals)
            from places in Gen.ArrayOf(Gen.Choose(0, 1000), 6)
            from pieces in Gen.ArrayOf(Gen.Elements(Pieces), 6)
            from deleted in Gen.ArrayOf(Gen.Choose(0, 12), 6)
            from count in Gen.Choose(1, 6)
            select Enumerable
                .Range(0, count)
                .Aggregate(
                    original,
                    (text, i) =>
                    {
                        var at = places[i] % (text.Length + 1);
                        return text[..at] + pieces[i] + text[Math.Min(text.Length, at + deleted[i])..];
                    }
                )
        ).ToArbitrary();

    [Property(Arbitrary = [typeof(HostileDagFiles)], MaxTest = 2000)]
    public void Whatever_a_file_has_it_ends_as_a_DAG_or_as_short_mistakes(string yaml) =>
        AssertBounded(DagFile.Read(yaml));

    [Property(MaxTest = 500)]
    public void Whatever_bytes_a_file_has_it_ends_as_a_DAG_or_as_short_mistakes(byte[] bytes) =>
        AssertBounded(DagFile.Read(bytes, "a.yaml"));

    static void AssertBounded(DagReading reading)
    {
        Assert.Equal(reading.Spec is null, reading.Mistakes.Count > 0);
        var shown = string.Join('\n', reading.Mistakes.Select(x => $"a.yaml line {x.Line}: {x.Text}"));
        Assert.InRange(Encoding.UTF8.GetByteCount(shown), 0, 999);
        Assert.All(reading.Mistakes, x => Assert.True(x.Line > 0));
        Assert.DoesNotContain(shown, x => char.IsControl(x) && x != '\n');
    }
}
