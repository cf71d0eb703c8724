using System.Globalization;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>What may stand under <c>params</c>, and how a mistake there is answered.</summary>
public sealed class ParamTables
{
    static string File(string entry, string more = "") =>
        $"dag: d\n{more}params:\n  x:\n{entry}\ntasks:\n  t: {{ noop: true }}\n";

    static DagMistake MistakeIn(string entry, string more = "") => DagFile.Read(File(entry, more)).Mistakes[0];

    [Theory]
    [InlineData("    schema: { type: integer, minimum: 1 }\n    default: 0", 5, "0 should be at least 1")]
    [InlineData("    schema: { type: integer }\n    default: '1'", 5, "should be \"integer\"")]
    [InlineData("    schema: { type: array, items: { type: string } }\n    default: [a, 1]", 5, "default[1]")]
    [InlineData("    schema: { type: integer }\n    default:", 5, "should be \"integer\"")]
    [InlineData("    schema: { type: integr }", 4, "params.x.schema.type")]
    [InlineData("    schema:\n      type: integer\n      minumum: 1", 6, "did you mean 'minimum'?")]
    [InlineData("    schema:\n      properties:\n        a: { maxLength: -1 }", 6, "-1 should be at least 0")]
    [InlineData("    schema: 5", 4, "no JSON Schema")]
    [InlineData("    schema: { $ref: 'https://example.org/x.json' }", 4, "there is no such schema")]
    [InlineData("    schema: { $ref: 'file:///etc/passwd' }", 4, "there is no such schema")]
    [InlineData(
        "    schema: { $ref: '#/$defs/a', $defs: { a: { items: { $ref: '#/$defs/a' } } } }",
        4,
        "leads to itself"
    )]
    [InlineData(
        "    schema: { $ref: '#/$defs/a/items', $defs: { a/items: true, a: { items: { $ref: '#/$defs/a/items' } } } }",
        4,
        "with a name of letters"
    )]
    [InlineData("    schema: { $ref: '#/$defs/a~1b', $defs: { a~1b: true } }", 4, "with a name of letters")]
    [InlineData("    schema: { $id: 'https://example.org/x.json' }", 4, "the schema stands alone")]
    [InlineData("    schema: { patternProperties: { a: true } }", 4, "write 'propertyNames'")]
    [InlineData("    schema: { $schema: 'http://json-schema.org/draft-07/schema#' }", 4, "leave it out")]
    [InlineData("    schema: { pattern: '(?=a)b' }", 4, "looks ahead")]
    [InlineData("    schema: { pattern: '[a' }", 4, "cannot be used")]
    [InlineData("    shema: { type: integer }", 4, "did you mean 'schema'?")]
    [InlineData("    default: '{{ nothing }}'", 4, "cannot be rendered")]
    [InlineData("    default: '{{ '", 4, "does not parse")]
    public void A_mistake_is_reported_with_its_line(string entry, int line, string text)
    {
        var mistake = MistakeIn(entry);
        Assert.Contains(text, mistake.Text, StringComparison.Ordinal);
        Assert.Equal(line, mistake.Line);
    }

    [Theory]
    [InlineData("schedule: '@daily'\n", "a schedule that starts the DAG")]
    [InlineData("on: { push: { repositories: [a/b] } }\n", "a push that starts the DAG")]
    public void What_starts_by_itself_needs_a_default(string more, string text) =>
        Assert.Contains(text, MistakeIn("    schema: { type: integer }", more).Text, StringComparison.Ordinal);

    [Fact]
    public void A_schema_that_doubles_with_each_level_is_refused_at_once()
    {
        var levels = Enumerable
            .Range(0, 30)
            .Select(x => $"l{x}: {{ allOf: [{{ $ref: '#/$defs/l{x + 1}' }}, {{ $ref: '#/$defs/l{x + 1}' }}] }}");
        var schema = $"{{ $ref: '#/$defs/l0', $defs: {{ {string.Join(", ", levels)}, l30: {{ type: string }} }} }}";
        Assert.Contains("more than 500 schemas", MistakeIn($"    schema: {schema}").Text, StringComparison.Ordinal);
    }

    // Each would be written into as many mistakes as there are values.
    [Theory]
    [InlineData("items: {{ enum: [{0}] }}")]
    [InlineData("items: {{ required: [{0}] }}")]
    public void Many_values_are_not_compared_with_a_long_list(string schema)
    {
        var names = string.Join(", ", Enumerable.Range(0, 2_000).Select(x => $"n{x}"));
        var values = string.Join(", ", Enumerable.Repeat("x", 1_000));
        var entry =
            $"    schema: {{ {string.Format(CultureInfo.InvariantCulture, schema, names)} }}\n    default: [{values}]";
        Assert.Contains("too many to check", MistakeIn(entry).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_that_aliases_make_large_is_refused_before_it_is_written_out()
    {
        var entry =
            "    default:\n      - &a [xxxxxxxxxxxxxxxx, xxxxxxxxxxxxxxxx]\n"
            + string.Concat(
                Enumerable
                    .Range('b', 8)
                    .Select(x => $"      - &{(char)x} [*{(char)(x - 1)}, *{(char)(x - 1)}, *{(char)(x - 1)}]\n")
            );
        Assert.Contains("more than 32768 characters", MistakeIn(entry).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_declaration_is_kept_beside_the_plain_values()
    {
        var spec = Plans.Dag(
            File("    schema: { type: integer, minimum: 1 }\n    default: 10\n    description: How many.\n  y: 5")
        );
        Assert.Equal((null, "5"), (spec.Params["x"], spec.Params["y"]));
        var (name, param) = Assert.Single(spec.TypedParams!);
        Assert.Equal(
            ("x", 10, "How many.", false),
            (name, param.Default!.Value.GetInt32(), param.Description, param.Required)
        );
        Assert.Equal("integer", param.Schema!.Value.GetProperty("type").GetString());
    }

    [Fact]
    public void Templates_may_name_it() =>
        Assert.Empty(
            DagFile
                .Read(
                    "dag: d\nparams: { x: { default: [1] } }\ntasks:\n  t: { noop: true, env: { A: '{{ params.x[0] }}' } }"
                )
                .Mistakes
        );

    [Fact]
    public void Plain_values_alone_leave_no_trace_of_declarations() =>
        Assert.Null(Plans.Dag(File("    5").Replace("x:\n    5", "x: 5", StringComparison.Ordinal)).TypedParams);
}
