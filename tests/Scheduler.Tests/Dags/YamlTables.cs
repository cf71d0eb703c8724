using Nightshift.DagFiles.Yaml;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>What YAML means here: the core schema of YAML 1.2, and merge keys.</summary>
public sealed class YamlTables
{
    // what the file says │ the kind it is │ a parameter of it; null: no value │ a variable of it; null: not set
    [Theory]
    [InlineData("", "Null", null, null)]
    [InlineData("~", "Null", null, null)]
    [InlineData("null", "Null", null, null)]
    [InlineData("NULL", "Null", null, null)]
    [InlineData("!!null ''", "Null", null, null)]
    [InlineData("''", "Text", "", "")]
    [InlineData("'~'", "Text", "~", "~")]
    [InlineData("\"null\"", "Text", "null", "null")]
    [InlineData("!!str ~", "Text", "~", "~")]
    [InlineData("! null", "Text", "null", "null")]
    [InlineData("true", "Boolean", "true", "true")]
    [InlineData("True", "Boolean", "true", "True")]
    [InlineData("FALSE", "Boolean", "false", "FALSE")]
    [InlineData("'True'", "Text", "True", "True")]
    [InlineData("yes", "Text", "yes", "yes")] // YAML 1.1 reads true
    [InlineData("NO", "Text", "NO", "NO")] // and false, for Norway
    [InlineData("on", "Text", "on", "on")]
    [InlineData("off", "Text", "off", "off")]
    [InlineData("y", "Text", "y", "y")]
    [InlineData("42", "Integer", "42", "42")]
    [InlineData("-17", "Integer", "-17", "-17")]
    [InlineData("0755", "Integer", "0755", "0755")] // 1.1 reads 493, 1.2 reads 755: it stays as written
    [InlineData("0o17", "Integer", "0o17", "0o17")]
    [InlineData("0x1F", "Integer", "0x1F", "0x1F")]
    [InlineData("0b11", "Text", "0b11", "0b11")]
    [InlineData("1_000", "Text", "1_000", "1_000")]
    [InlineData("190:20:30", "Text", "190:20:30", "190:20:30")] // 1.1 reads 685230
    [InlineData("1.10", "Float", "1.10", "1.10")] // a version stays one
    [InlineData("1e3", "Float", "1e3", "1e3")]
    [InlineData(".5", "Float", ".5", ".5")]
    [InlineData(".inf", "Float", ".inf", ".inf")]
    [InlineData(".NaN", "Float", ".NaN", ".NaN")]
    [InlineData("!!int 42", "Integer", "42", "42")]
    [InlineData("!!float 42", "Float", "42", "42")]
    [InlineData("1.2.3", "Text", "1.2.3", "1.2.3")]
    [InlineData("2026-01-31", "Text", "2026-01-31", "2026-01-31")]
    [InlineData("2026-01-31T09:00:00Z", "Text", "2026-01-31T09:00:00Z", "2026-01-31T09:00:00Z")]
    [InlineData("a: b", null, null, null)] // not one value
    [InlineData("a#b", "Text", "a#b", "a#b")]
    [InlineData("a # b", "Text", "a", "a")]
    [InlineData("\"a\\tb\\u00e9\\U0001F600\"", "Text", "a\tbé😀", "a\tbé😀")]
    [InlineData("'it''s'", "Text", "it's", "it's")]
    public void A_value_means_what_the_core_schema_says(string written, string? kind, string? param, string? variable)
    {
        var reading = DagFile.Read(
            $"dag: d\nparams:\n  p: {written}\ntasks:\n  t:\n    noop: true\n    env:\n      V: {written}"
        );
        if (kind is null)
        {
            Assert.NotEmpty(reading.Mistakes);
            return;
        }
        Assert.Empty(reading.Mistakes);
        Assert.Equal(param, reading.Spec!.Params["p"]);
        Assert.Equal(variable, reading.Spec.Tasks[0].Env.GetValueOrDefault("V"));
        var (root, _) = YamlLoader.Load($"x: {written}");
        Assert.Equal(kind, ((YamlScalar)YamlReader.Find(root, "x")!).Kind.ToString());
    }

    // a block of text as it stands under 'run:' │ what the shell gets
    [Theory]
    [InlineData("|\n      a\n      b\n", "a\nb\n")]
    [InlineData("|\r\n      a\r\n      b\r\n", "a\nb\n")] // the file has CRLF, the script has not
    [InlineData("|-\n      a\n      b\n", "a\nb")]
    [InlineData("|+\n      a\n\n", "a\n\n")]
    [InlineData(">\n      a\n      b\n", "a b\n")]
    [InlineData("|\n      if x\n      \tthen y\n", "if x\n\tthen y\n")] // a tab after the spaces is text
    [InlineData("|2\n        a\n", "  a\n")]
    [InlineData("a\n      b", "a b")]
    [InlineData("\"a\\\n      b\"", "ab")]
    [InlineData("'a\n\n      b'", "a\nb")]
    public void A_block_is_the_text_of_its_lines(string block, string line)
    {
        var (root, _) = YamlLoader.Load($"x:\n    run: {block}");
        Assert.Equal(line, ((YamlScalar)YamlReader.Find(root, "x", "run")!).Text);
    }

    [Theory]
    [InlineData("retries: 0x10", 16)]
    [InlineData("retries: 0o10", 8)]
    [InlineData("retries: +3", 3)]
    [InlineData("retries: '5'", 5)]
    public void A_number_may_be_written_as_YAML_writes_it(string field, int retries) =>
        Assert.Equal(retries, Plans.Dag($"dag: d\ntasks:\n  t: {{ noop: true, {field} }}").Tasks[0].Retries);

    [Theory]
    [InlineData("\uFEFF")] // as Windows editors write it
    [InlineData("\uFEFF%YAML 1.2\n---\n")]
    [InlineData("# a comment\n---\n")]
    public void What_stands_before_the_document_changes_nothing(string prefix) =>
        Assert.Equal("d", Plans.Dag($"{prefix}dag: d\r\ntasks: {{ t: {{ noop: true }} }}\r\n...\r\n").DagId);

    [Fact]
    public void On_is_the_key_on_and_numbers_are_names()
    {
        var dag = Plans.Dag("dag: 2026\non: { push: { repositories: acme/x } }\ntasks: { 1: { run: true } }");
        Assert.Equal("2026", dag.DagId);
        Assert.Equal(["acme/x"], dag.Push!.Repositories);
        Assert.Equal(("1", "true"), (dag.Tasks[0].TaskId, dag.Tasks[0].Command[^1]));
    }

    [Theory]
    [InlineData("params:")]
    [InlineData("defaults: ~")]
    [InlineData("on: null")]
    [InlineData("schedule:")]
    public void A_list_or_mapping_without_a_value_is_empty(string key) =>
        Assert.Empty(DagFile.Read($"dag: d\n{key}\ntasks: {{ t: {{ noop: true, needs: , env: }} }}").Mistakes);

    [Fact]
    public void A_variable_without_a_value_takes_a_default_away() =>
        Assert.Equal(
            ["B"],
            Plans
                .Dag("dag: d\ndefaults: { env: { A: '1', B: '2' } }\ntasks: { t: { noop: true, env: { A: ~ } } }")
                .Tasks[0]
                .Env.Keys
        );

    [Fact]
    public void An_alias_stands_for_what_its_anchor_names()
    {
        var dag = Plans.Dag(
            "dag: d\ntasks:\n  a: { run: &say echo, env: &env { X: one }, retries: &n 1 }\n  b: { needs: [a], "
                + "run: *say, env: *env, retries: *n }"
        );
        Assert.Equal((dag.Tasks[0].Command[^1], 1), (dag.Tasks[1].Command[^1], dag.Tasks[1].Retries));
        Assert.Equal("one", dag.Tasks[1].Env["X"]);
    }

    [Theory]
    [InlineData("{ run: &a x, env: *e, retries: 1 }")]
    [InlineData("{ run: &a 'x', env: &b { X: &c y, Z: *c }, retries: &d 1, memory: 64MiB }")]
    [InlineData("{ needs: [&a e, *a], run: *a, env: { X: *a, <<: *e, Z: '' } }")]
    [InlineData("{ run: &a !!str x, env: *e, retries: 2 }")]
    public void Anchors_and_aliases_may_stand_anywhere_in_braces(string task) =>
        Plans.Dag($"dag: d\ntasks:\n  e: {{ noop: true, env: &e {{ A: '1' }} }}\n  t: {task}");

    // yaml.org/type/merge.html: what the mapping says itself wins, then the earlier source
    [Theory]
    [InlineData("{ <<: *one }", "1", "1", null)]
    [InlineData("{ <<: *one, B: own }", "1", "own", null)]
    [InlineData("{ B: own, <<: *one }", "1", "own", null)]
    [InlineData("{ <<: [*one, *two] }", "1", "1", "2")]
    [InlineData("{ <<: [*two, *one] }", "1", "2", "2")]
    [InlineData("{ <<: { A: inline } }", "inline", null, null)]
    [InlineData("{ <<: { <<: *one } }", "1", "1", null)]
    public void A_merge_key_adds_what_is_missing(string env, string? a, string? b, string? c)
    {
        var dag = Plans.Dag(
            $"dag: d\ndefaults: {{}}\ntasks:\n  x: {{ noop: true, env: &one {{ A: '1', B: '1' }} }}\n  y: {{ "
                + $"noop: true, env: &two {{ B: '2', C: '2' }} }}\n  z:\n    noop: true\n    env: {env}"
        );
        var merged = dag.Tasks.Single(x => x.TaskId == "z").Env;
        Assert.Equal(
            [a, b, c],
            [merged.GetValueOrDefault("A"), merged.GetValueOrDefault("B"), merged.GetValueOrDefault("C")]
        );
    }

    [Theory]
    [InlineData("'<<': 1", 3, "'<<' cannot be a variable's name")] // in quotes it is a key like others
    [InlineData("<<: 1", 3, "takes a mapping or a list of mappings")]
    [InlineData("<<: ~", 3, "takes a mapping or a list of mappings")]
    [InlineData("<<: { A: '1' }, <<: { B: '1' }", 3, "'<<' is here twice")]
    [InlineData("A: &a [*a]", 3, "stands inside its own anchor")]
    [InlineData("A: *nowhere", 3, "put it in quotes: \"*nowhere\"")]
    [InlineData("A: !!int x", 3, "The tag 'tag:yaml.org,2002:int' does not fit")]
    [InlineData("A: !ruby/object x", 3, "put it in quotes")]
    [InlineData("A: !!binary aGVsbG8=", 3, "does not fit")]
    public void What_cannot_be_resolved_is_a_mistake(string env, int line, string text)
    {
        var reading = DagFile.Read($"dag: d\ntasks:\n  t: {{ noop: true, env: {{ {env} }} }}");
        Assert.Contains(reading.Mistakes, x => x.Line == line && x.Text.Contains(text, StringComparison.Ordinal));
    }
}
