using System.Globalization;
using System.Text.RegularExpressions;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags.Import.Airflow.Jinja;

/// <summary>Translates what templates of one task may name in Airflow.</summary>
/// <param name="dagId">The DAG's name in Airflow.</param>
/// <param name="taskId">The task's name in Airflow.</param>
/// <param name="params">The parameters of the DAG file.</param>
/// <param name="before">The name here of a task that ends before this one begins; null for another.</param>
/// <param name="findings">Takes what other tasks have to hand on.</param>
sealed partial class JinjaScope(
    string dagId,
    string taskId,
    IReadOnlySet<string> @params,
    Func<string, string?> before,
    ImportFindings findings
)
{
    const string Timestamp = "%Y-%m-%dT%H:%M:%S+00:00";

    static readonly Dictionary<string, string> DateFormats = new()
    {
        ["ds"] = "%Y-%m-%d",
        ["ds_nodash"] = "%Y%m%d",
        ["ts"] = Timestamp,
        ["ts_nodash"] = "%Y%m%dT%H%M%S",
        ["ts_nodash_with_tz"] = "%Y%m%dT%H%M%S+0000",
    };

    // Pendulum's str(), which is what a bare date gives.
    const string BareDate = "%Y-%m-%d %H:%M:%S+00:00";

    /// <summary>Where the path that is translated stands, for findings.</summary>
    public string Where { get; set; } = "";

    /// <exception cref="NotCarriedOverException">It has no counterpart.</exception>
    public JinjaPart Translate(JinjaExpression expression)
    {
        var names = expression.Steps.TakeWhile(x => x is JinjaMember).Cast<JinjaMember>().Select(x => x.Name).ToList();
        var rest = expression.Steps.Skip(names.Count).ToList();
        if (expression.Constant is { } constant)
            return rest.Count == 0 ? new(constant, null) : throw Unknown(expression);
        var call = rest.FirstOrDefault() as JinjaCall;
        if (call is not null)
            rest.RemoveAt(0);
        if (Constant(names) is { } text && call is null && rest.Count == 0)
            return new(text, null);
        return new(null, Filtered(Value(expression, names, call, rest), rest, expression));
    }

    string? Constant(List<string> names) =>
        names switch
        {
            ["dag" or "dag_run" or "ti" or "task_instance", "dag_id"] or ["task", "dag_id"] => dagId,
            ["task" or "ti" or "task_instance", "task_id"] => taskId,
            _ => null,
        };

    // What the filters behind it begin with. Filters that belong to the value are taken off 'rest'.
    string Value(JinjaExpression expression, List<string> names, JinjaCall? call, List<JinjaStep> rest)
    {
        if (names[0] is "dag_run" && names.Count > 1 && names[1] is not "conf")
            names.RemoveAt(0);
        if (Date(names[0]) is { } date)
            return OfDate(expression, date, names, call, rest);
        return (names, call) switch
        {
            (["run_id"], null) => "run_id",
            (["ds"], null) => "ds",
            ([var name], null) when DateFormats.TryGetValue(name, out var format) => $"logical_date | date: '{format}'",
            (["params", var name], null) => Param(name),
            (["dag_run", "conf", var name], null) => Param(name),
            (["dag_run", "conf", "get"], { Arguments: [{ Value.Constant: { } name }] }) => Param(name),
            (["dag_run", "conf", "get"], { Arguments: [{ Value.Constant: { } name }, { Value: var other }] }) =>
                $"{Param(name)} | default: {Argument(other)}",
            (["macros", "ds_add"], { Arguments: [{ Value: var from }, { Value.Constant: { } days }] })
                when IsDs(from)
                    && int.TryParse(days, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
                    && Math.Abs(count) < 100_000 => $"ds | date: '%s' | plus: {count * 86400L} | date: '%Y-%m-%d'",
            (
                ["macros", "ds_format"],
                { Arguments: [{ Value: var from }, { Value.Constant: "%Y-%m-%d" }, { Value.Constant: { } to }] }
            ) when IsDs(from) => $"ds | date: {Format(to)}",
            (["ti" or "task_instance", "xcom_pull"], { } pull) => Output(expression, pull, rest),
            (["var", "value", var key], null) => Variable(expression, key),
            (["var", "json", var key, .. var members], null) => members.Aggregate(Variable(expression, key), Member),
            (["var", "value" or "json", "get"], { Arguments: [{ Value.Constant: { } key }] }) => Variable(
                expression,
                key
            ),
            (["var", "value", "get"], { Arguments: [{ Value.Constant: { } key }, { Value: var other }] }) =>
                $"{Variable(expression, key)} | default: {Argument(other)}",
            (["conn", ..], _) => throw new NotCarriedOverException(
                $"'{{{{ {expression.Written} }}}}': there are no connections; "
                    + "set the value in 'env', or name a secret as secret:NAME"
            ),
            _ => throw Unknown(expression),
        };
    }

    static string? Date(string name) =>
        name switch
        {
            "logical_date" or "execution_date" => "logical_date",
            "data_interval_start" or "data_interval_end" => name,
            _ => null,
        };

    static string OfDate(
        JinjaExpression expression,
        string date,
        List<string> names,
        JinjaCall? call,
        List<JinjaStep> rest
    )
    {
        if (names is [_] && call is null && rest is [JinjaFilter { Arguments: [] } filter, ..])
            if (DateFormats.TryGetValue(filter.Name, out var filtered))
            {
                rest.RemoveAt(0);
                return $"{date} | date: '{filtered}'";
            }
        var format = (names, call) switch
        {
            ([_], null) => BareDate,
            ([_, "strftime"], { Arguments: [{ Value.Constant: { } given }] }) => given,
            ([_, "isoformat" or "to_iso8601_string"], { Arguments: [] }) => Timestamp,
            ([_, "to_date_string" or "date"], { Arguments: [] }) => "%Y-%m-%d",
            ([_, "to_datetime_string"], { Arguments: [] }) => "%Y-%m-%d %H:%M:%S",
            ([_, "year"], null) => "%Y",
            ([_, "month"], null) => "%-m",
            ([_, "day"], null) => "%-d",
            ([_, "hour"], null) => "%-H",
            ([_, "minute"], null) => "%-M",
            ([_, "int_timestamp"], null) => "%s",
            _ => throw Unknown(expression),
        };
        return $"{date} | date: {Format(format)}";
    }

    string Param(string name) =>
        @params.Contains(name)
            ? Member("params", name)
            : throw new NotCarriedOverException(
                $"The DAG has no parameter '{name}'; add it to 'params' with a default"
            );

    static string Variable(JinjaExpression expression, string key) =>
        VariableKey.Mistake(key) is { } mistake
            ? throw new NotCarriedOverException($"'{{{{ {expression.Written} }}}}': of this key, {mistake}")
            : Member("var", key);

    string Output(JinjaExpression expression, JinjaCall pull, List<JinjaStep> rest)
    {
        var id = pull.Arguments.FirstOrDefault(x => x.Name is "task_ids" || x.Name is null);
        var key = pull.Arguments.FirstOrDefault(x => x.Name is "key")?.Value.Constant ?? "return_value";
        if (id?.Value.Constant is not { } other || pull.Arguments.Any(x => x.Name is not (null or "task_ids" or "key")))
            throw Unknown(expression);
        var task =
            before(other)
            ?? throw new NotCarriedOverException($"'{other}' does not end before the task begins; add it to 'needs'");
        findings.Lose(
            Where,
            "xcom_pull",
            $"Task '{task}' has to hand it on: let it print \"::output {DagYaml.Comment(key)}=VALUE\""
        );
        var value = Member($"{task.Split('.').Aggregate("tasks", Member)}.output", key);
        for (; rest is [JinjaMember member, ..]; rest.RemoveAt(0))
            value = Member(value, member.Name);
        return value;
    }

    static string Filtered(string value, List<JinjaStep> steps, JinjaExpression expression)
    {
        foreach (var step in steps)
            value += step is JinjaFilter filter ? $" | {Filter(filter, expression)}" : throw Unknown(expression);
        return value;
    }

    static string Filter(JinjaFilter filter, JinjaExpression expression) =>
        (filter.Name, filter.Arguments) switch
        {
            ("upper", []) => "upcase",
            ("lower", []) => "downcase",
            ("trim", []) => "strip",
            ("capitalize", []) => "capitalize",
            ("length" or "count", []) => "size",
            ("default" or "d", [{ Name: null, Value: var other }]) => $"default: {Argument(other)}",
            ("replace", [{ Name: null, Value: var from }, { Name: null, Value: var to }]) =>
                $"replace: {Argument(from)}, {Argument(to)}",
            _ => throw Unknown(expression),
        };

    static string Argument(JinjaExpression value) =>
        value is { Constant: { } text, Steps: [] } ? Quoted(text) : throw Unknown(value);

    static bool IsDs(JinjaExpression value) => value is { Constant: null, Steps: [JinjaMember { Name: "ds" }] };

    static string Format(string format) =>
        KnownFormat().IsMatch(format)
            ? Quoted(format)
            : throw new NotCarriedOverException($"The date format '{format}' is not translated");

    static string Member(string of, string name) =>
        Identifier().IsMatch(name) ? $"{of}.{name}" : $"{of}[{Quoted(name)}]";

    // Liquid has no escapes in quotes.
    static string Quoted(string text) =>
        text.Contains("}}", StringComparison.Ordinal) || text.Contains("%}", StringComparison.Ordinal)
            ? throw new NotCarriedOverException($"'{text}' cannot stand in a template")
        : !text.Contains('\'', StringComparison.Ordinal) ? $"'{text}'"
        : !text.Contains('"', StringComparison.Ordinal) ? $"\"{text}\""
        : throw new NotCarriedOverException($"'{text}' cannot stand in a template");

    static NotCarriedOverException Unknown(JinjaExpression expression) =>
        new($"'{{{{ {Client.Terminal.Excerpt(expression.Written, 80)} }}}}' is not translated");

    // What Python and Liquid agree on.
    [GeneratedRegex(@"\A(?:[^%]|%-?[YmdHMSyjBbAaIpsZ%])*\z")]
    private static partial Regex KnownFormat();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Identifier();
}
