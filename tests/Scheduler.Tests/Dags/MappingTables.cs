using System.Text.Json;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>Fields that map a task over lists: what they mean, and what is refused.</summary>
public sealed class MappingTables
{
    static TaskSpec Task(string fields, string defaults = "") =>
        Dag(
            $"dag: a\nparams: {{ p: '[1]' }}\ndefaults: {{ {defaults} }}\n"
                + $"tasks: {{ y: {{ noop: true }}, x: {{ needs: [y], run: ls, {fields} }} }}"
        ).Tasks[1];

    [Theory]
    [InlineData("[]", "[]")]
    [InlineData(
        "[a, 1, 1.50, 0x10, 010, 1e3, .5, true, ~, 'no']",
        """["a",1,1.50,"0x10","010",1e3,".5",true,null,"no"]"""
    )]
    [InlineData("[{ a: [1, { b: c }] }, [2]]", """[{"a":[1,{"b":"c"}]},[2]]""")]
    [InlineData("['é \"q\"']", """["\u00E9 \u0022q\u0022"]""")]
    public void A_list_is_kept_as_it_is_written(string forEach, string items) =>
        Assert.Equal([new MapSource(null, items, null)], Task($"for_each: {forEach}").ForEach!);

    [Theory]
    [InlineData("{{ tasks.y.output.files }}")]
    [InlineData("{{ tasks.y.output.files | uniq }}")]
    [InlineData("{{ params.p }}")]
    [InlineData("{{- tasks['y'].output.files[0] -}}")]
    public void One_expression_gives_a_list_when_it_is_known(string template) =>
        Assert.Equal([new MapSource(null, null, template)], Task($"for_each: \"{template}\"").ForEach!);

    [Fact]
    public void Names_keep_their_order_which_is_that_of_the_combinations()
    {
        var task = Task("for_each: { z: [1, 2], a: \"{{ params.p }}\" }, env: { E: \"{{ item.z }} {{ item['a'] }}\" }");
        Assert.Equal([new("z", "[1,2]", null), new MapSource("a", null, "{{ params.p }}")], task.ForEach!);
    }

    [Fact]
    public void The_limit_comes_from_the_defaults_too_and_the_default_is_that_of_Airflow()
    {
        Assert.Equal(3, Task("for_each: [1, 2, 3], max_map_length: 3").MaxMapLength);
        Assert.Equal(3, Task("for_each: [1, 2, 3]", "max_map_length: 3").MaxMapLength);
        var many = $"for_each: [{string.Join(", ", Enumerable.Range(0, 1024))}]";
        Assert.Null(Task(many).MaxMapLength);
    }

    // What is not written takes no room in each task of each run, and changes no version.
    [Fact]
    public void Fields_that_are_not_used_are_not_stored()
    {
        var json = JsonSerializer.Serialize(Task("retries: 1"), Plumbing.Hosting.Json.Options);
        foreach (var field in new[] { "forEach", "map" })
            Assert.DoesNotContain(field, json, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(
        "for_each: files",
        "is no list: write one expression, such as '{{ tasks.list.output.files }}', or a list"
    )]
    [InlineData("for_each: ''", "is no list: write one expression")]
    [InlineData("for_each: '{{ }}'", "is no list: write one expression")]
    [InlineData("for_each: 'a{{ tasks.y.output.f }}'", "is no list: write one expression")]
    [InlineData("for_each: '{{ tasks.y.output.f }}{{ tasks.y.output.f }}'", "is no list: write one expression")]
    [InlineData("for_each: '{{ tasks.y.output.f | nosuch }}'", "there is no filter 'nosuch'")]
    [InlineData("for_each: 3", "must be a list, or one expression")]
    [InlineData("for_each: ~", "must be a list, or one expression")]
    [InlineData("for_each: {}", "is empty; write a list, or names with a list each")]
    [InlineData("for_each: { a b: [1] }", "'a b' cannot be the name of an item")]
    [InlineData("for_each: { a: 1 }", "'tasks.x.for_each.a' must be a list, or one expression")]
    [InlineData("for_each: ['{{ ds }}']", "is a template, and items are taken as they are")]
    [InlineData("for_each: [{ a: ['{{ ds }}'] }]", "is a template, and items are taken as they are")]
    [InlineData("for_each: '{{ item }}'", "uses 'item', but that is known only when the task has been mapped")]
    [InlineData("for_each: '{{ params.q }}'", "the DAG has no parameter 'q'; did you mean 'p'?")]
    [InlineData("for_each: '{{ tasks.x.output.f }}'", "known only after task 'x'")]
    [InlineData(
        "for_each: '{{ tasks.z.output.f }}'",
        "does not wait for task 'z'; write 'needs: [y, z]' under task 'x'"
    )]
    [InlineData(
        "for_each: '{{ tasks.before.output.f }}'",
        "does not need task 'before' itself; write 'needs: [y, before]'"
    )]
    [InlineData("for_each: { a: '{{ tasks.before.output.f }}' }", "does not need task 'before' itself")]
    [InlineData("for_each: [1, 2, 3], max_map_length: 2", "'x' would have 3 instances, and max_map_length is 2")]
    [InlineData("for_each: { a: [1, 2], b: [1, 2] }, max_map_length: 3", "'x' would have 4 instances")]
    [InlineData("max_map_length: 2", "'max_map_length' is for a task with 'for_each'; add that or remove it")]
    [InlineData("map_index_template: a", "'map_index_template' is for a task with 'for_each'")]
    [InlineData("for_each: [1], map_index_template: ''", "'tasks.x.map_index_template' is empty")]
    [InlineData("for_each: [1], map_index_template: '{{ itm }}'", "templates have no 'itm'")]
    [InlineData("for_each: [1], map_index_template: '{{ a'", "The template does not parse")]
    [InlineData("for_each: [1], max_map_length: 20000", "write a whole number from 1 to 10000")]
    [InlineData("env: { A: '{{ item }}' }", "uses 'item', but the task is not mapped; write 'for_each")]
    [InlineData("skip_if: map_index > 0", "uses 'map_index', but the task is not mapped")]
    [InlineData(
        "for_each: { name: [1] }, env: { A: '{{ item.nam }}' }",
        "'for_each' has no 'nam'; did you mean 'name'?"
    )]
    public void What_cannot_be_is_refused_with_what_to_write(string fields, string mistake)
    {
        var reading = DagFile.Read(
            "dag: a\nparams: { p: '[1]' }\ntasks:\n  z: { run: ls }\n  before: { run: ls }\n"
                + $"  y: {{ needs: [before], run: ls }}\n  x: {{ needs: [y], run: ls, {fields} }}"
        );
        var found = Assert.Single(reading.Mistakes);
        Assert.Equal(7, found.Line);
        Assert.Contains(mistake, found.Text, StringComparison.Ordinal);
    }

    // A value pasted into a shell line is code. Elsewhere, braces are the program's own.
    [Theory]
    [InlineData("run: \"./load '{{ item }}'\"", "for_each: [1]", true)]
    [InlineData("command: [load, \"{{ item.name }}\"]", "for_each: [1]", true)]
    [InlineData("run: \"echo {{map_index}}\"", "for_each: [1]", true)]
    [InlineData("run: \"ansible {{ item }}\"", "retries: 1", false)]
    [InlineData("run: \"docker ps --format '{{.Names}}'\"", "for_each: [1]", false)]
    public void An_item_reaches_a_command_by_its_environment(string work, string fields, bool refused)
    {
        var mistakes = DagFile.Read($"dag: a\ntasks: {{ x: {{ {work}, {fields} }} }}").Mistakes;
        if (refused)
            Assert.Contains(
                "write 'env: { ITEM: \"{{ item }}\" }' under task 'x'",
                Assert.Single(mistakes).Text,
                StringComparison.Ordinal
            );
        else
            Assert.Empty(mistakes);
    }
}
