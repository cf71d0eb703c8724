using System.Collections;
using System.Globalization;
using System.Text;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>Reading costs in proportion to the file, and what no program takes is refused when it is read.</summary>
public sealed class LargeDagFiles
{
    static string Chain(int tasks) =>
        File(tasks, i => i == 0 ? "" : $"needs: [t{i - 1}], env: {{ X: '{{{{ tasks.t{i / 2}.output.x }}}}' }}, ");

    static string Backwards(int tasks) => File(tasks, i => i == tasks - 1 ? "" : $"needs: [t{i + 1}], ");

    static string Fan(int tasks) =>
        File(
            tasks,
            i => i == tasks - 1 ? $"needs: [{string.Join(", ", Enumerable.Range(0, i).Select(x => $"t{x}"))}], " : ""
        );

    static string Templates(int tasks) =>
        $"defaults: {{ env: {{ A: '{{{{ tasks.t0.output.x | default: ds }}}}' }} }}\n"
        + File(tasks, i => i == 0 ? "env: { A: ~ }, " : "needs: [t0], ");

    static string File(int tasks, Func<int, string> fields)
    {
        var yaml = new StringBuilder("dag: d\ntasks:\n");
        for (var i = 0; i < tasks; i++)
            yaml.Append($"  t{i}: {{ {fields(i)}noop: true }}\n");
        return yaml.ToString();
    }

    // Quadratic work would take 64 times as long for eight times the tasks. What counts is the processor time of this
    // thread, so other work on the machine is left out.
    [Theory]
    [InlineData(nameof(Chain))]
    [InlineData(nameof(Backwards))]
    [InlineData(nameof(Fan))]
    [InlineData(nameof(Templates))]
    public void Eight_times_the_tasks_take_about_eight_times_as_long(string shape)
    {
        Func<int, string> file = shape switch
        {
            nameof(Chain) => Chain,
            nameof(Backwards) => Backwards,
            nameof(Fan) => Fan,
            _ => Templates,
        };
        var (small, large) = (file(1_250), file(10_000));
        Plans.Dag(small); // compiled, and warm
        var ratio = Best(large) / Best(small);
        Assert.True(ratio < 32, $"{shape}: {ratio:F1} times as long");
    }

    static double Best(string yaml) => Enumerable.Range(0, 3).Min(_ => Time(yaml));

    static double Time(string yaml)
    {
        var before = ProcessorTime();
        Assert.NotNull(DagFile.Read(yaml).Spec);
        return ProcessorTime() - before;
    }

    // Nanoseconds; see proc_pid_schedstat(5).
    static double ProcessorTime()
    {
        const string file = "/proc/thread-self/schedstat";
        Assert.SkipUnless(System.IO.File.Exists(file), $"{file} is not there");
        return double.Parse(System.IO.File.ReadAllText(file).Split(' ')[0], CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Ordering_looks_at_each_need_a_few_times_however_many_tasks_there_are()
    {
        var looked = 0;
        var tasks = Enumerable
            .Range(0, 10_000)
            .Select(i =>
                Plans.ExtractThenLoad.Tasks[0] with
                {
                    TaskId = $"t{i}",
                    Needs = new CountedList(i == 9_999 ? [] : [$"t{i + 1}"], () => looked++),
                }
            )
            .ToDictionary(x => x.TaskId);
        Assert.Equal(
            Enumerable.Range(0, 10_000).Select(i => $"t{9_999 - i}"),
            TaskOrder.Of(tasks).Tasks.Select(x => x.TaskId)
        );
        Assert.InRange(looked, 1, 30_000);
    }

    sealed class CountedList(IReadOnlyList<string> list, Action look) : IReadOnlyList<string>
    {
        public int Count => list.Count;

        public string this[int index] => list[index];

        public IEnumerator<string> GetEnumerator()
        {
            foreach (var x in list)
            {
                look();
                yield return x;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    [Fact]
    public void A_circle_is_named_without_the_tasks_behind_it()
    {
        var mistake = Assert.Single(
            DagFile
                .Read(
                    "dag: d\ntasks:\n  z: { noop: true, needs: [a] }\n  a: { noop: true, needs: [b] }\n  b: { "
                        + "noop: true, needs: [c, z2] }\n  c: { noop: true, needs: [b] }\n  z2: { noop: true }"
                )
                .Mistakes
        );
        Assert.Equal(
            (5, true),
            (mistake.Line, mistake.Text.Contains("in a circle: b, c; remove", StringComparison.Ordinal))
        );
    }

    const int StringBytes = 128 * 1024 - 1; // MAX_ARG_STRLEN of Linux without its NUL

    [Fact]
    public void A_variable_may_be_as_long_as_the_kernel_takes_it()
    {
        Assert.Empty(DagFile.Read(WithVariable(new string('x', StringBytes - 2))).Mistakes); // A= counts too
        var mistake = Assert.Single(DagFile.Read(WithVariable(new string('x', StringBytes - 1))).Mistakes);
        Assert.Contains(
            "The variable 'A' has 131072 bytes with its name; a program takes at most 131071",
            mistake.Text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "131071",
            Assert.Single(DagFile.Read(WithVariable(new string('é', 70_000))).Mistakes).Text,
            StringComparison.Ordinal
        );
    }

    static string WithVariable(string value) => $"dag: d\ntasks: {{ t: {{ noop: true, env: {{ A: {value} }} }} }}";

    [Fact]
    public void A_command_and_its_environment_together_have_a_limit_too()
    {
        var env = string.Join(", ", Enumerable.Range(0, 16).Select(i => $"V{i}: {new string('x', 125_000)}"));
        Assert.Contains(
            "Task 't': The command and its environment have 2000",
            Assert.Single(DagFile.Read($"dag: d\ntasks: {{ t: {{ run: ls, env: {{ {env} }} }} }}").Mistakes).Text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "An argument has 140000 bytes",
            Assert
                .Single(DagFile.Read($"dag: d\ntasks: {{ t: {{ run: '{new string('x', 140_000)}' }} }}").Mistakes)
                .Text,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("docker ps --format '{{.Names}}'")]
    [InlineData("echo '{{ .Values.params }} {{ ansible_host }} {%F} {{dsn}} {{ data }} {{#each tasks}}'")]
    [InlineData("helm template . | grep '{%-'")]
    [InlineData("curl -w '%{http_code}' x")]
    public void Braces_of_other_programs_are_theirs(string line)
    {
        var dag = Plans.Dag($"dag: d\ntasks:\n  t:\n    run: |-\n      {line}\n");
        Assert.Equal(line, dag.Tasks[0].Command[^1]);
    }
}
