using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Parameters that a DAG declares by a JSON Schema: what a run may give for them, and what templates see.</summary>
public sealed class TypedParamSpecs
{
    static DagSpec Declaring(string @params, string env = "{ X: none }") =>
        Dag($"{{ dag: etl, params: {{ {@params} }}, tasks: {{ show: {{ noop: true, env: {env} }} }} }}");

    static IReadOnlyDictionary<string, JsonElement> Given(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;

    static IReadOnlyList<RunEvent> Start(DagSpec dag, string conf = "{}") =>
        RunDecider.Decide(Run.None, Plans.Start(dag).With(Given(conf)));

    static string Shown(string @params, string template, string conf = "{}") =>
        Start(Declaring(@params, $"{{ X: \"{template}\" }}"), conf).OfType<TaskQueued>().Single().Work.Env["X"];

    static RejectedException Refused(string @params, string conf) =>
        Assert.Throws<RejectedException>(() => Start(Declaring(@params), conf));

    const string Limit = "limit: { schema: { type: integer, minimum: 1, maximum: 100 }, default: 10 }";
    const string Hosts =
        "hosts: { schema: { type: array, items: { type: object, required: [name], properties: { name: { type: string, "
        + "pattern: '^[a-z]+$' }, port: { type: integer } }, additionalProperties: false } }, default: [] }";

    [Theory]
    [InlineData(Limit, """{ "limit": 0 }""", "params.limit", "0 should be at least 1")]
    [InlineData(Limit, """{ "limit": 101 }""", "params.limit", "101 should be at most 100")]
    [InlineData(Limit, """{ "limit": "7" }""", "params.limit", "Value is \"string\" but should be \"integer\"")]
    [InlineData(Limit, """{ "limit": null }""", "params.limit", "Value is \"null\" but should be \"integer\"")]
    [InlineData(Limit, """{ "limit": 1.5 }""", "params.limit", "Value is \"number\" but should be \"integer\"")]
    [InlineData(Hosts, """{ "hosts": {} }""", "params.hosts", "Value is \"object\" but should be \"array\"")]
    [InlineData(
        Hosts,
        """{ "hosts": [{ "name": "a" }, { "name": "B" }] }""",
        "params.hosts[1].name",
        "the pattern '^[a-z]+$'"
    )]
    [InlineData(Hosts, """{ "hosts": [{ "port": 1 }] }""", "params.hosts[0]", "[\"name\"]")]
    [InlineData(Hosts, """{ "hosts": [{ "name": "a", "x": 1 }] }""", "params.hosts[0].x", "not allowed")]
    [InlineData("env: { schema: { enum: [dev, prod] } }", """{ "env": "test" }""", "params.env", "[\"dev\",\"prod\"]")]
    [InlineData("day: { schema: { type: string, format: date } }", "{}", "params.day", "it is missing")]
    [InlineData(
        "day: { schema: { type: string, format: date } }",
        """{ "day": "tomorrow" }""",
        "params.day",
        "format \"date\""
    )]
    public void A_value_that_does_not_fit_is_refused_with_its_path_and_why(
        string declared,
        string conf,
        string path,
        string why
    )
    {
        var refusal = Refused(declared, conf);
        Assert.Equal("invalid_params", refusal.Code);
        Assert.Contains(why, Assert.Single(refusal.Errors![path]), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"'{path}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_values_that_do_not_fit_are_refused_at_once() =>
        Assert.Equal(
            ["params.day", "params.limit"],
            Refused($"{Limit}, day: {{ schema: {{ type: string }} }}", """{ "limit": 0 }""").Errors!.Keys.Order()
        );

    [Theory]
    [InlineData("{{ params.limit | plus: 1 }}", "11", "{}")]
    [InlineData("{{ params.limit }}", "7", """{ "limit": 7 }""")]
    [InlineData("{% if params.limit > 5 %}many{% else %}few{% endif %}", "few", """{ "limit": 3 }""")]
    public void Templates_see_numbers(string template, string shown, string conf) =>
        Assert.Equal(shown, Shown(Limit, template, conf));

    [Fact]
    public void Templates_see_lists_and_objects() =>
        Assert.Equal(
            "a:1 b: ",
            Shown(
                Hosts,
                "{% for h in params.hosts %}{{ h.name }}:{{ h.port | default: '' }} {% endfor %}",
                """{ "hosts": [{ "name": "a", "port": 1 }, { "name": "b" }] }"""
            )
        );

    [Fact]
    public void A_default_may_be_an_object() =>
        Assert.Equal("eu", Shown("where: { default: { region: eu } }", "{{ params.where.region }}"));

    [Theory]
    [InlineData("false")]
    [InlineData("[1]")]
    [InlineData("0010")]
    public void Text_that_is_declared_as_text_stays_text(string text)
    {
        const string Declared = "x: { schema: { type: string } }";
        var conf = JsonSerializer.Serialize(new { x = text });
        Assert.Equal(text, Shown(Declared, "{{ params.x }}", conf));
        Assert.Equal("yes", Shown(Declared, "{% if params.x %}yes{% endif %}", conf));
    }

    [Fact]
    public void A_default_that_is_a_template_is_rendered_and_read_as_the_schema_wants() =>
        Assert.Equal(
            "2026-03-01 2027",
            Shown(
                "day: { schema: { type: string, format: date }, default: '{{ ds }}' }, "
                    + "year: { schema: { type: integer }, default: \"{{ ds | date: '%Y' }}\" }",
                "{{ params.day }} {{ params.year | plus: 1 }}"
            )
        );

    [Fact]
    public void A_rendered_default_that_does_not_fit_is_refused() =>
        Assert.Equal(
            ["params.day"],
            Refused("day: { schema: { type: integer }, default: '{{ ds }}' }", "{}").Errors!.Keys
        );

    [Theory]
    [InlineData("""{ "plain": 5 }""", "5")]
    [InlineData("""{ "plain": true }""", "true")]
    [InlineData("""{ "plain": "x" }""", "x")]
    [InlineData("""{ "plain": null }""", "")]
    [InlineData("""{ "plain": { "a": [1] } }""", """{"a": [1]}""")]
    public void A_parameter_with_a_default_alone_takes_the_text_of_any_JSON(string conf, string text)
    {
        var queued = (RunQueued)Start(Declaring("plain: 1"), conf)[0];
        Assert.Equal(text, (queued.Params["plain"] ?? "").Replace(" }", "}").Replace("{ ", "{"));
        Assert.Null(queued.TypedParams);
    }

    [Fact]
    public void A_run_keeps_its_values_apart_from_text()
    {
        var queued = (RunQueued)Start(Declaring($"{Limit}, plain: 1"), """{ "limit": 3 }""")[0];
        Assert.Equal(["plain"], queued.Params.Keys);
        Assert.Equal(3, queued.TypedParams!["limit"].GetInt32());
        Assert.Equal(["limit", "plain"], queued.Conf.Keys.Order());
    }

    [Theory]
    [InlineData("\"a\\u0000b\"", "U+0000")]
    [InlineData("\"\\ud800\"", "surrogate")]
    [InlineData("{ \"a\\u0000\": 1 }", "U+0000")]
    [InlineData("1e999999", "number")]
    public void What_the_database_cannot_keep_is_refused(string value, string why)
    {
        foreach (var declared in new[] { "x: { default: 1 }", "x: 1" })
            Assert.Contains(
                why,
                Refused(declared, $"{{ \"x\": {value} }}").Errors!["params.x"][0],
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void A_value_that_takes_too_long_to_check_is_refused_at_once()
    {
        const string Distinct = "x: { schema: { type: array, uniqueItems: true }, default: [] }";
        var many = $"{{ \"x\": [{string.Join(',', Enumerable.Range(0, 5000))}] }}";
        Assert.Contains("too many", Refused(Distinct, many).Message, StringComparison.Ordinal);
        var deep = $"{{ \"x\": {new string('[', 40)}{new string(']', 40)} }}";
        Assert.Contains("deep", Refused("x: { default: 1 }", deep).Message, StringComparison.Ordinal);
        var doubling = $"{{ \"x\": \"{new string('a', 30_000)}!\" }}";
        Assert.Contains(
            "pattern",
            Refused("x: { schema: { type: string, pattern: '^(a+)+$' }, default: a }", doubling).Message,
            StringComparison.OrdinalIgnoreCase
        );
    }
}
