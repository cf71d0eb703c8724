using FsCheck;
using FsCheck.Fluent;
using Nightshift.DagFiles.Fields;

namespace Nightshift.DagFiles.Tests;

/// <summary>A field of the table in a file where it may stand.</summary>
/// <param name="Table">Which table has it.</param>
/// <param name="Name">The field.</param>
/// <param name="Example">Its example.</param>
/// <param name="Default">Its default; null when it has none.</param>
/// <param name="Files">Files around it, with <c>$</c> in its place.</param>
public sealed record WrittenField(
    string Table,
    string Name,
    string Example,
    string? Default,
    IReadOnlyList<string> Files
)
{
    /// <summary>The files with a value in the field.</summary>
    public IEnumerable<string> With(string value) =>
        Files.Select(x => x.Replace("$", $"{Name}: {value}", StringComparison.Ordinal));

    /// <summary>The files without the field.</summary>
    public IEnumerable<string> Without => Files.Select(x => x.Replace("$", "", StringComparison.Ordinal));

    public override string ToString() => $"{Table} {Name}";
}

/// <summary>Every field of the tables, and values that people write.</summary>
public static class WrittenFields
{
    const string Extract = "extract: { run: ls }";
    const string Params = "params: { full: true, volume: none }";

    /// <summary>Values of all kinds, right for some fields and wrong for most.</summary>
    public static readonly string[] Values =
    [
        "~",
        "''",
        "a",
        "a b",
        "true",
        "'true'",
        "FALSE",
        "yes",
        "none",
        "0",
        "1",
        "'1'",
        "-1",
        "+3",
        "010",
        "0x10",
        "'0x10'",
        "0o17",
        "100",
        "101",
        "1.5",
        "'1.5'",
        ".5",
        "1e1",
        ".inf",
        ".nan",
        "1_000",
        "30s",
        "0s",
        "2d",
        "400d",
        "2w",
        "1mo",
        "30 s",
        "64MiB",
        "64 MiB",
        "2GiB",
        "1MiB",
        "2026-01-31",
        "2026-01-31T09:00Z",
        "2026-01-31 09:00:30",
        "2026-01-31T09:00+02:00",
        "'@daily'",
        "'@DAILY'",
        "'@once'",
        "'@dayly'",
        "'0 9 * * 1-5'",
        "' 0  9 * * 1-5 '",
        "'0 9 * * * 30 2030'",
        "0 9 * *",
        "Europe/Berlin",
        "all_done",
        "separate",
        "skip",
        "first",
        "auto",
        "acme/*",
        "'*'",
        "[]",
        "[a]",
        "[1, 2]",
        "[a, ~]",
        "[[a]]",
        "[256]",
        "['@daily', '@once']",
        "['@daily', '0 9 * * *']",
        "[2026-01-31, 2026-01-31T09:00Z]",
        "{}",
        "{ a: 1 }",
        "{ type: integer, minimum: 1 }",
        "{ p: { schema: { type: string } } }",
        "{ p: { default: [1], description: x } }",
        "{ A: ~, B: true, C: 1.10 }",
        "{ a-b: 1 }",
        "{ cron: '@daily' }",
        "{ every: 1mo, start: 2026-01-31 }",
        "{ push: ~ }",
        "{ push: { repositories: acme/site } }",
        "{ retries: 2 }",
        "{ dag: other, within: 1d }",
        "[other, { dag: more }]",
        "{ t: ~ }",
        "{ t: { noop: true } }",
        "{ t: { tasks: { u: { run: ls } } } }",
        "{ t: { tasks: { u: { run: ls } }, noop: true } }",
        "params.full",
        "\"{{ ds }}\"",
    ];

    public static readonly IReadOnlyList<WrittenField> All =
    [
        .. Of(
            "file",
            DagFields.Table,
            x =>
                x switch
                {
                    "dag" => ["{ $, tasks: { t: { noop: true } } }"],
                    "tasks" => ["{ dag: d, $ }"],
                    _ => ["{ dag: d, tasks: { t: { noop: true } }, $ }"],
                }
        ),
        .. Of(
            "task",
            TaskFields.Table,
            x => [.. TaskOf(x).Select(y => $"{{ dag: d, {Params}, tasks: {{ {Extract}, t: {{ {y} }} }} }}")]
        ),
        .. Of(
            "group",
            GroupFields.Table,
            x =>
                [
                    x == "tasks"
                        ? "{ dag: d, tasks: { prepare: { run: ls }, g: { $ } } }"
                        : "{ dag: d, tasks: { prepare: { run: ls }, g: { $, tasks: { t: { noop: true } } } } }",
                ]
        ),
        .. Of("defaults", TaskFields.Shared, _ => ["{ dag: d, defaults: { $ }, tasks: { t: { run: ls } } }"]),
        .. Of(
            "schedule",
            ScheduleFields.Table,
            x =>
                ScheduleFields.Kinds.Contains(x)
                    ? ["{ dag: d, schedule: { $ }, tasks: { t: { noop: true } } }"]
                    :
                    [
                        "{ dag: d, schedule: { cron: '@daily', $ }, tasks: { t: { noop: true } } }",
                        "{ dag: d, schedule: { every: 15m, $ }, tasks: { t: { noop: true } } }",
                    ]
        ),
        .. Of(
            "requires",
            RequirementFields.Table,
            x =>
                [
                    x == "dag"
                        ? "{ dag: d, requires: { $ }, tasks: { t: { noop: true } } }"
                        : "{ dag: d, requires: [{ dag: e, $ }], tasks: { t: { noop: true } } }",
                ]
        ),
        .. Of(
            "on.push",
            PushFields.Push,
            x =>
                [
                    x == "repositories"
                        ? "{ dag: d, on: { push: { $ } }, tasks: { t: { noop: true } } }"
                        : "{ dag: d, on: { push: { repositories: [a/b], $ } }, tasks: { t: { noop: true } } }",
                ]
        ),
        .. Of("parameter", ParamFields.Table, _ => ["{ dag: d, params: { p: { $ } }, tasks: { t: { noop: true } } }"]),
        .. Of("output", ParamFields.Output, _ => ["{ dag: d, tasks: { t: { run: ls, outputs: { o: { $ } } } } }"]),
    ];

    static IEnumerable<string> TaskOf(string field) =>
        TaskFields.Ways.Contains(field)
            ? ["$"]
            :
            [
                "run: ls, $",
                "noop: true, $",
                "noop: true, teardown: true, $",
                "run: ls, short_circuit: go, $",
                "run: ls, for_each: [1], $",
            ];

    static IEnumerable<WrittenField> Of<T>(
        string name,
        FieldTable<T> table,
        Func<string, IReadOnlyList<string>> files
    ) => table.Fields.Select(x => new WrittenField(name, x.Name, x.Example, x.Default, files(x.Name)));

    /// <summary>Files of several fields of a task and of the file, each with a value that may be right.</summary>
    public static Arbitrary<string> Files()
    {
        Gen<string> Keys(string table, params string[] without) =>
            from all in Gen.Shuffle(All.Where(x => x.Table == table && !without.Contains(x.Name)).ToArray())
            from count in Gen.Choose(0, 3)
            let fields = all.Take(count).ToList()
            from values in Gen.ArrayOf(Gen.Elements(Values), fields.Count)
            from odd in Gen.ArrayOf(Gen.Choose(0, 19), fields.Count)
            select string.Concat(
                fields.Select(
                    (x, i) =>
                        $"{x.Name}: {(odd[i] == 0 ? values[i] : odd[i] < 10 ? x.Default ?? x.Example : x.Example)}, "
                )
            );
        return (
            from file in Keys("file", "dag", "tasks", "params", "schedule")
            from schedule in Gen.OneOf(
                Keys("schedule", "every", "at", "cron").Select(x => $"schedule: {{ cron: '@daily', {x} }}, "),
                Gen.Constant("")
            )
            from way in Gen.Elements("run: ls", "command: [ls]", "noop: true")
            from task in Keys("task", "run", "command", "noop")
            select $"{{ dag: d, {Params}, {file}{schedule}tasks: {{ {Extract}, t: {{ {task}{way} }} }} }}"
        ).ToArbitrary();
    }
}
