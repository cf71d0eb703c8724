using System.Text.Json.Serialization;
using Nightshift.DagFiles.Groups;
using Nightshift.DagFiles.Templates;

namespace Nightshift.DagFiles;

/// <summary>
/// What a task is mapped over: a list in the file, or a template that makes one when the task's turn has come. Exactly
/// one of <paramref name="Items"/> and <paramref name="Template"/> is there.
/// </summary>
/// <param name="Name">Templates name an item of it <c>item.NAME</c>; null for the only one, whose items are
/// <c>item</c>. With several, the task has an instance for each combination; the last one varies fastest.</param>
/// <param name="Items">The list as JSON; numbers as the file writes them.</param>
/// <param name="Template">One expression in braces, such as <c>{{ tasks.list.output.files }}</c>, whose value is a list
/// or a mapping.</param>
public sealed record MapSource(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Template
)
{
    /// <summary>Instances of a task that says nothing of its own, as in Airflow.</summary>
    public const int DefaultMaxMapLength = 1024;

    /// <summary>The tasks whose outputs the template names; they have to succeed before it has a value.</summary>
    /// <param name="user">The id of the task that is mapped.</param>
    /// <param name="names">The names in its DAG.</param>
    public IEnumerable<string> TasksOf(string user, TaskNames names) =>
        Template is null
            ? []
            : TemplateExpression
                .NamesIn(Template)
                .Select(x => x.Name.Parts)
                .Where(x => x is ["tasks", _, ..])
                .Select(x => names.Find(user, [.. x.Skip(1)])?.Task)
                .OfType<string>();
}
