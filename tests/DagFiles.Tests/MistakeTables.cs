namespace Nightshift.DagFiles.Tests;

/// <summary>What people write who know other formats, and what they get to read.</summary>
public sealed class MistakeTables
{
    [Theory]
    [InlineData(
        "run: echo a: b",
        "'echo a: b' has a colon and a space, which YAML reads as a key; put all of it in quotes"
    )]
    [InlineData("run: {{ params.x }}", "put it in quotes: \"{{ params.x }}\"")]
    [InlineData("run: ls\n    env: { X: {{ ds }} }", "put it in quotes: \"{{ ds }}\"", 5)]
    [InlineData("run: [ -f x ] && ls", "'[ -f x ] && ls' goes on after what '[' begins; put all of it in quotes")]
    [InlineData("run: \"ls\" -l", "'\"ls\" -l' goes on after what '\"' begins; put all of it in quotes")]
    [InlineData("run: \"C:\\data\"", "A backslash in double quotes begins an escape")]
    [InlineData("needs: - ls", "A list begins on a line of its own")]
    [InlineData("run: ls\n   retries: 3", "The line is indented differently", 5)]
    [InlineData("run:ls\n    retries: 3", "A space is missing after 'run:'", 5)]
    public void A_line_that_is_no_YAML_is_reported_with_what_to_write(string lines, string text, int line = 4)
    {
        var mistake = Assert.Single(DagFile.Read($"dag: d\ntasks:\n  t:\n    {lines}\n").Mistakes);
        Assert.Contains(text, mistake.Text, StringComparison.Ordinal);
        Assert.Equal(line, mistake.Line);
    }

    [Theory]
    [InlineData("on: push", 2, 5, "'on' must be a mapping with the key push")]
    [InlineData("on: [push]", 2, 5, "'on' must be a mapping with the key push")]
    [InlineData("defaults:\n  retries: many", 3, 12, "'defaults.retries' is 'many'")]
    [InlineData("defaults: { retrys: 1 }", 2, 13, "did you mean 'retries'?")]
    [InlineData("schedule: { cron: '@daily', timezone: ~ }", 2, 39, "'schedule.timezone' is ~")]
    [InlineData("schedule: ['@daily', 0 9]", 2, 22, "'0 9' is no schedule")]
    public void A_mistake_has_its_line_and_column(string lines, int line, int column, string text)
    {
        var mistake = Assert.Single(DagFile.Read($"dag: d\n{lines}\ntasks: {{ t: {{ noop: true }} }}").Mistakes);
        Assert.Equal((line, column), (mistake.Line, mistake.Column));
        Assert.Contains(text, mistake.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ t: { run: ls, image: '' } }", "'tasks.t.image' is empty; write a text, or leave the key out")]
    [InlineData("{ t: { command: echo hi } }", "'tasks.t.command' is one text with spaces")]
    [InlineData(
        "{ t: { run: ls, trigger_rule: all_don } }",
        "'tasks.t.trigger_rule' is 'all_don'; did you mean 'all_done'?"
    )]
    [InlineData("{ t: { noop: false } }", "'tasks.t.noop' can only be true; leave it out otherwise")]
    [InlineData("{ t1: { run: ls, needs: t2 } }", "needs 't2', which is no task of this DAG; use one of")]
    [InlineData("[t]", "'tasks' must be a mapping of names to values")]
    public void A_field_that_is_wrong_is_named_with_what_to_write(string tasks, string text) =>
        Assert.StartsWith(
            text,
            Assert
                .Single(DagFile.Read($"dag: d\ntasks: {tasks}").Mistakes)
                .Text.Replace("Task 't1' ", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );

    // Names that mistakes show shortened must not be taken for each other.
    [Fact]
    public void Names_that_are_too_long_are_mistakes_even_where_they_begin_alike()
    {
        var name = new string('x', 101);
        var reading = DagFile.Read(
            $"dag: d\ntasks: {{ {name}a: {{ noop: true, needs: [zz] }}, {name}b: {{ noop: true }} }}"
        );
        Assert.Contains(reading.Mistakes, x => x.Text.Contains("cannot be a task's name", StringComparison.Ordinal));
    }
}
