using System.Text;
using Nightshift.DagFiles.Fields;

namespace Nightshift.DagFiles;

/// <summary>The documentation of DAG files, made from the table that reads them.</summary>
public static class DagFileReference
{
    const string Introduction = """
        # DAG files

        <!-- Made from the fields that read the files. Renew it: ./nightshift dags fields > docs/dag-file.md -->

        Each `*.yaml` or `*.yml` file in the folder of DAGs is one DAG. A file that is saved is live in less than a
        second; while it has a mistake, its last good version stays.

        - `./nightshift dags validate FILE...` checks files without a running system, for editors and CI: it prints
          `file:line:column: mistake` and exits with 1 when there is one; `--json` prints the same as JSON.
        - `./nightshift dags schema` prints a JSON Schema (draft 2020-12). Editors with the YAML language server use it
          in files that begin with `# yaml-language-server: $schema=` and the path of the schema, as those in
          [dags](../dags) do.

        YAML is read by its version 1.2, in which `on`, `yes` and `NO` are text: `on:` is the key it looks like, as in
        GitHub Actions, and only `true` and `false` are flags. Text stays as written: `1.10` is no number where a text
        is meant. What people mean differently is refused, with the line: a number with a zero before it (`010`), a key
        that is there twice, tabs, values such as `*/5 * * * *` or `@daily` without quotes, and a text where the value
        is missing.

        Durations are a whole number and a unit: `500ms`, `30s`, `10m`, `2h`, `1d`. A list of one text may be written
        as the text.

        """;

    /// <summary>The page in Markdown.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder(Introduction);
        Section(page, "The file", "The keys of the file itself.", DagFields.Table);
        Section(
            page,
            "A task",
            "The keys of each entry of `tasks`. A task has exactly one of "
                + string.Join(", ", TaskFields.Ways.Select(x => $"`{x}`"))
                + ". Fields with (d) may also stand in `defaults`.",
            TaskFields.Table,
            [.. TaskFields.Shared.Fields.Select(x => x.Name)]
        );
        Section(
            page,
            "A group",
            "An entry of `tasks` that has `tasks` itself is a group, which may hold further groups. Its members are tasks "
                + "like others, named `group.task`; `needs`, `branch` and the commands that change runs take the name of "
                + "a group for them.",
            GroupFields.Table
        );
        Section(
            page,
            "schedule",
            "The keys of `schedule` when it is a mapping. It has exactly one of "
                + string.Join(", ", ScheduleFields.Kinds.Select(x => $"`{x}`"))
                + ".",
            ScheduleFields.Table
        );
        Section(
            page,
            "requires",
            "The keys of an entry of `requires` when it is a mapping; a name alone is `dag`. The latest run is that of the "
                + "latest logical date, of those that have started: while it runs, or when it failed, others wait.",
            RequirementFields.Table
        );
        Section(
            page,
            "on.push",
            "The keys of `on.push`. A push starts the DAG when all lists that are given match.",
            PushFields.Push
        );
        Section(
            page,
            "A parameter",
            "The keys of an entry of `params` that is a mapping. Its values are JSON, and are checked when a run is "
                + "started: a value that does not fit is refused, and a default that does not is a mistake of the "
                + "file.",
            ParamFields.Table
        );
        Section(
            page,
            "An output",
            "The keys of an entry of a task's `outputs`. A text that the schema takes is text, whatever it looks like; "
                + "any other value is read as JSON, so that templates see numbers, lists and objects. Without a schema the "
                + "output only has to be there.",
            ParamFields.Output
        );
        return page.ToString();
    }

    static void Section<T>(
        StringBuilder page,
        string title,
        string about,
        FieldTable<T> table,
        HashSet<string>? shared = null
    )
    {
        page.Append('\n').Append("## ").Append(title).Append("\n\n").Append(about).Append("\n\n");
        foreach (var field in table.Fields)
        {
            var mark = shared?.Contains(field.Name) is true ? " (d)" : "";
            var standard = field.Default is null ? "" : $" Default: `{field.Default}`.";
            page.Append("- **`").Append(field.Name).Append("`**").Append(mark).Append(": ");
            page.Append(field.Type).Append('.').Append(standard).Append('\n');
            page.Append("  ").Append(field.Doc).Append('\n');
            page.Append("  Example: `").Append(field.Name).Append(": ").Append(field.Example).Append("`\n");
        }
    }
}
