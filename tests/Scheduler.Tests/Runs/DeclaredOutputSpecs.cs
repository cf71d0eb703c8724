using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Outputs that a task declares by a JSON Schema: what ends its attempt, and what templates see.</summary>
public sealed class DeclaredOutputSpecs
{
    static DagSpec Declaring(string outputs, string template = "none", string more = "") =>
        Dag(
            $$"""
            dag: etl
            tasks:
              ask: { run: ./ask, outputs: { {{outputs}} } }
              show: { needs: [ask], noop: true, env: { X: "{{template}}" }{{more}} }
            """
        );

    static IReadOnlyList<RunEvent> End(DagSpec dag, params (string Name, string Value)[] outputs)
    {
        var run = RunDecider.Decide(Run.None, Start(dag)).Aggregate(Run.None, Run.Evolve);
        var values = NamedValues.Of(outputs.ToDictionary(x => x.Name, x => x.Value));
        return RunDecider.Decide(
            run,
            Succeeded("ask") with
            {
                Outputs = values.Inline,
                StoredOutputs = values.References,
            },
            new(values.Stored.ToDictionary(x => x.Key, x => (string?)x.Value))
        );
    }

    static string Shown(string outputs, string template, string value) =>
        End(Declaring(outputs, template), ("y", value)).OfType<TaskQueued>().Single().Work.Env["X"];

    const string Rows = "y: { schema: { type: integer, minimum: 1 } }";
    const string Hosts =
        "y: { schema: { type: array, items: { type: object, required: [name], properties: { name: { type: string } } } } }";

    [Theory]
    [InlineData(Rows, "0", "'output.y': 0 should be at least 1")]
    [InlineData(Rows, "many", "'output.y': Value is \"string\" but should be \"integer\"")]
    [InlineData(Rows, "", "'output.y'")]
    [InlineData(Hosts, """[{"name":"a"},{}]""", "'output.y[1]': Required properties [\"name\"]")]
    [InlineData(Hosts, """[{"name":"a"}""", "'output.y': Value is \"string\" but should be \"array\"")]
    [InlineData("y: { schema: { type: string, maxLength: 2 } }", "abc", "'output.y': Value should be at most 2")]
    [InlineData("y: { schema: { type: array } }", "[\"\\ud800\"]", "'output.y': it has half of a surrogate pair")]
    [InlineData("z: { schema: true }", "1", "'output.z': it is missing; print '::output z=…'")]
    public void An_attempt_that_does_not_hand_on_what_its_task_declares_has_failed(
        string outputs,
        string value,
        string why
    )
    {
        var failed = Assert.IsType<TaskFailed>(End(Declaring(outputs), ("y", value))[0]);
        Assert.Equal("output", failed.Reason);
        Assert.Contains(why, failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_tried_again_as_after_any_failure()
    {
        var dag = Dag("{ dag: d, tasks: { ask: { run: ./ask, retries: 1, outputs: { y: { schema: true } } } } }");
        Assert.IsType<TaskUpForRetry>(End(dag)[0]);
    }

    [Theory]
    [InlineData(Rows, "{{ tasks.ask.output.y | plus: 1 }}", "7", "8")]
    [InlineData(Rows, "{% if tasks.ask.output.y > 5 %}many{% endif %}", "7", "many")]
    [InlineData(Hosts, "{% for h in tasks.ask.output.y %}{{ h.name }} {% endfor %}", """[{"name":"a"}]""", "a ")]
    [InlineData(
        "y: { schema: { type: object } }",
        "{{ tasks.ask.output.y.a.b[1] }}",
        """{"a":{"b":[1,2.50]}}""",
        "2.50"
    )]
    [InlineData("y: {}", "{{ tasks.ask.output.y.a }}", """{"a":1}""", "1")] // without a schema as before
    public void Templates_see_what_the_schema_says(string outputs, string template, string value, string shown) =>
        Assert.Equal(shown, Shown(outputs, template, value));

    [Theory]
    [InlineData("false")]
    [InlineData("[1]")]
    [InlineData("1.10")]
    public void Text_that_is_declared_as_text_stays_text(string text) =>
        Assert.Equal(
            $"{text} yes",
            Shown(
                "y: { schema: { type: string } }",
                "{{ tasks.ask.output.y }} {% if tasks.ask.output.y %}yes{% endif %}",
                text
            )
        );

    [Fact]
    public void What_is_not_declared_is_read_as_before() =>
        Assert.Equal(
            "2 0010",
            End(
                    Declaring(
                        "y: { schema: { type: string } }",
                        "{{ tasks.ask.output.a[1] }} {{ tasks.ask.output.b }}"
                    ),
                    ("y", "x"),
                    ("a", "[1,2]"),
                    ("b", "0010")
                )
                .OfType<TaskQueued>()
                .Single()
                .Work.Env["X"]
        );

    [Fact]
    public void A_long_value_beside_the_stream_is_checked_and_read_too()
    {
        var list = $"[{string.Join(',', Enumerable.Range(0, 3000))}]";
        const string Schema = "y: { schema: { type: array, items: { type: integer } } }";
        Assert.Equal("3000", Shown(Schema, "{{ tasks.ask.output.y.size }}", list));
        Assert.IsType<TaskFailed>(End(Declaring(Schema), ("y", list.Replace("2999", "\"x\"")))[0]);
    }

    [Fact]
    public void Conditions_see_them_too() =>
        Assert.IsType<TaskSkipped>(
            End(Declaring(Rows, more: ", run_if: tasks.ask.output.y > 10"), ("y", "7")).Last(x => x is not RunFinished)
        );

    [Fact]
    public void A_task_that_does_nothing_declares_nothing() =>
        Assert.Contains(
            "hands on no outputs",
            DagFile.Read("{ dag: d, tasks: { t: { noop: true, outputs: { y: {} } } } }").Mistakes[0].Text,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("{ y: { schema: { type: integr } } }", "tasks.t.outputs.y.schema.type")]
    [InlineData("{ y: { default: 1 } }", "has no key 'default'")]
    [InlineData("{ 'a b': {} }", "cannot be an output's name")]
    [InlineData("[y]", "must be a mapping")]
    public void A_mistake_in_a_declaration_is_reported(string outputs, string text) =>
        Assert.Contains(
            text,
            DagFile.Read($"{{ dag: d, tasks: {{ t: {{ run: ls, outputs: {outputs} }} }} }}").Mistakes[0].Text,
            StringComparison.Ordinal
        );
}
