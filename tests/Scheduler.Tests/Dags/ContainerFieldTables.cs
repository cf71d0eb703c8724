using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>What the fields of a task make of its container.</summary>
public sealed class ContainerFieldTables
{
    static TaskSpec Task(string fields, string defaults = "{}") =>
        Plans.Dag($"dag: a\ndefaults: {defaults}\ntasks:\n  x: {{ {fields} }}").Tasks[0];

    [Theory]
    [InlineData("run: ls", "{}", true)]
    [InlineData("run: ls, stderr: joined", "{ stderr: separate }", true)]
    [InlineData("run: ls, stderr: separate", "{}", false)]
    [InlineData("run: ls", "{ stderr: separate }", false)]
    public void A_shell_line_joins_its_two_outputs_unless_it_is_to_keep_them_apart(
        string fields,
        string defaults,
        bool joined
    ) =>
        Assert.Equal(
            joined ? ["sh", "-c", "exec 2>&1; exec sh -ec \"$0\"", "ls"] : ["sh", "-ec", "ls"],
            Task(fields, defaults).Command
        );

    [Theory]
    [InlineData("run: ls", "{}", null)]
    [InlineData("run: ls, tmp: 6MiB", "{}", 6)]
    [InlineData("run: ls, memory: 2GiB, tmp: 2GiB", "{}", 2048)]
    [InlineData("run: ls", "{ tmp: 100MiB }", 100)]
    [InlineData("command: [ls]", "{ tmp: 100MiB, stderr: separate }", 100)]
    public void The_size_of_tmp_is_a_part_of_the_memory(string fields, string defaults, int? size) =>
        Assert.Equal(size, Task(fields, defaults).TmpMiB);

    [Theory]
    [InlineData("run: ls, stderr: apart", "'tasks.x.stderr' is 'apart'; write joined or separate")]
    [InlineData("command: [ls], stderr: joined", "'tasks.x.stderr' is for 'run'; a 'command' has its outputs apart")]
    [InlineData("run: ls, tmp: 1TB", "'tasks.x.tmp' is '1TB'; write a size from 6MiB to 1024GiB")]
    [InlineData(
        "run: ls, tmp: 513MiB",
        "'tasks.x.tmp' is 513MiB and counts as memory; write at most the memory limit of 512MiB"
    )]
    public void A_mistake_says_what_to_write_instead(string fields, string mistake) =>
        Assert.StartsWith(
            mistake,
            Assert.Single(DagFile.Read($"dag: a\ntasks:\n  x: {{ {fields} }}").Mistakes).Text,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_task_without_image_runs_in_the_one_that_is_built_here() =>
        Assert.Equal("localhost/nightshift/toolbox", Task("run: ls").Image);

    [Fact]
    public void A_task_instance_says_why_its_latest_attempt_failed()
    {
        object[] failed =
        [
            Plans.Queued(Plans.ExtractThenLoad),
            Plans.TaskQueued(Plans.ExtractThenLoad, "extract", 1),
            new TaskUpForRetry("extract", 1, "output", "The output 'big' is too long", 64, Plans.T0, Plans.T0),
        ];
        var run = failed.Aggregate(Run.None, Run.Evolve);
        Assert.Equal("output (The output 'big' is too long)", run.Tasks["extract"].Failure?.ToString());
        Assert.Null(Run.Evolve(run, Plans.TaskQueued(Plans.ExtractThenLoad, "extract", 2)).Tasks["extract"].Failure);
    }
}
