using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.DagFiles.Groups;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>Groups of tasks: what needs between them mean, which names reach what, and what is refused.</summary>
public sealed class TaskGroupTables
{
    static string Needs(string tasks) =>
        string.Join(
            ", ",
            Dag($"dag: d\ntasks: {{ {tasks} }}")
                .Tasks.Select(x => x.Needs.Count == 0 ? x.TaskId : $"{x.TaskId} <- {string.Join(' ', x.Needs)}")
        );

    const string Load = "load: { tasks: { a: { noop: true }, b: { needs: a, noop: true }, c: { noop: true } } }";

    // a ─► b ─┐
    //         ├─► end
    // c ──────┘
    [Theory]
    [InlineData(Load, "load.a, load.c, load.b <- load.a")]
    [InlineData(Load + ", end: { needs: load, noop: true }", "load.a, load.c, load.b <- load.a, end <- load.b load.c")]
    [InlineData(Load + ", end: { needs: load.a, noop: true }", "load.a, load.c, load.b <- load.a, end <- load.a")]
    // what a group needs, its first tasks need
    [InlineData(
        "start: { noop: true }, g: { needs: start, tasks: { a: { noop: true }, b: { needs: a, noop: true } } }",
        "start, g.a <- start, g.b <- g.a"
    )]
    // from group to group: last to first
    [InlineData(
        Load + ", g: { needs: [load], tasks: { x: { noop: true }, y: { noop: true } } }",
        "load.a, load.c, load.b <- load.a, g.x <- load.b load.c, g.y <- load.b load.c"
    )]
    // groups in groups: a need inside the outer one says which of its tasks come last
    [InlineData(
        "g: { tasks: { in: { tasks: { a: { noop: true } } }, b: { needs: in, noop: true } } }, "
            + "end: { needs: g, noop: true }",
        "g.in.a, g.b <- g.in.a, end <- g.b"
    )]
    [InlineData(
        "g: { tasks: { one: { tasks: { a: { noop: true } } }, two: { needs: one, tasks: { b: { noop: true } } } } }, "
            + "start: { noop: true }, h: { needs: [start, g], tasks: { c: { noop: true } } }",
        "g.one.a, start, g.two.b <- g.one.a, h.c <- start g.two.b"
    )]
    // the same need twice is one
    [InlineData(
        Load + ", end: { needs: [load, load.b, load], noop: true }",
        "load.a, load.c, load.b <- load.a, end <- load.b load.c"
    )]
    public void Needs_of_groups_are_needs_of_their_first_and_last_tasks(string tasks, string expected) =>
        Assert.Equal(expected, Needs(tasks));

    // s ─► w ─► t    what comes after a group does not wait for its teardowns
    // └─────────▲
    [Theory]
    [InlineData("w: { needs: s, noop: true }, t: { needs: [s, w], teardown: true, noop: true }", "g.w")]
    [InlineData("t: { needs: s, teardown: true, noop: true }", "g.s")]
    [InlineData(
        "w: { needs: s, noop: true }, x: { needs: w, noop: true }, t: { needs: [s, w], teardown: true, noop: true }",
        "g.x"
    )]
    [InlineData(
        "w: { needs: s, noop: true }, t: { needs: [s, w], teardown: true, noop: true }, "
            + "u: { needs: t, teardown: true, noop: true }",
        "g.w"
    )]
    public void What_needs_a_group_does_not_wait_for_its_teardowns(string members, string needed)
    {
        var group = $"g: {{ tasks: {{ s: {{ setup: true, noop: true }}, {members} }} }}";
        var dag = Dag($"dag: d\ntasks: {{ {group}, end: {{ needs: g, noop: true }} }}");
        Assert.Equal([needed], dag.Tasks.Single(x => x.TaskId == "end").Needs);
    }

    [Fact]
    public void A_group_of_teardowns_alone_ends_with_them() =>
        Assert.EndsWith(
            "end <- g.t",
            Needs(
                "s: { setup: true, noop: true }, g: { tasks: { t: { needs: s, teardown: true, noop: true } } }, "
                    + "end: { needs: g, noop: true }"
            ),
            StringComparison.Ordinal
        );

    // a, g: { a, b, in: { a, b } }
    [Theory]
    [InlineData("g.in.a", "b", "g.in.b")]
    [InlineData("g.in.a", "c", "g.c")]
    [InlineData("g.in.a", "top", "top")]
    [InlineData("g.in.b", "a", "g.in.a")]
    [InlineData("g.in.a", "a", "g.a")] // never the task itself
    [InlineData("g.a", "a", "a")]
    [InlineData("g.b", "in", "g.in")]
    [InlineData("g.b", "in.a", "g.in.a")]
    [InlineData("g.in.a", "g.a", "g.a")] // the whole id, from anywhere
    [InlineData("a", "g", "g")]
    [InlineData("top", "b", null)]
    [InlineData("top", "top", "top")] // unless there is no other
    [InlineData("g.in.a", "in", "g.in")]
    public void A_name_is_looked_for_beside_its_user_and_then_outward(string user, string name, string? found) =>
        Assert.Equal(found, new TaskNames(["a", "top", "g.a", "g.b", "g.c", "g.in.a", "g.in.b"]).Find(user, name));

    [Fact]
    public void Defaults_of_a_group_are_over_those_around_it()
    {
        var tasks = Dag(
            """
            dag: d
            defaults: { retries: 1, memory: 64MiB, env: { A: x, B: x } }
            tasks:
              g:
                defaults: { retries: 2, env: { B: y } }
                tasks:
                  in: { defaults: { retries: 3 }, tasks: { a: { noop: true } } }
                  b: { noop: true, retries: 4 }
              c: { noop: true }
            """
        ).Tasks;
        Assert.Equal(
            [("g.in.a", 3, 64, "y"), ("g.b", 4, 64, "y"), ("c", 1, 64, "x")],
            tasks.Select(x => (x.TaskId, x.Retries, x.MemoryMiB, x.Env["B"]))
        );
    }

    [Fact]
    public void A_DAG_knows_its_groups_and_one_without_says_nothing_of_them()
    {
        var dag = Dag("dag: d\ntasks: { g: { tooltip: Loads it, tasks: { in: { tasks: { a: { noop: true } } } } } }");
        Assert.Equal([new("g") { Tooltip = "Loads it" }, new("g.in")], dag.Groups!);
        Assert.Null(ExtractThenLoad.Groups);
    }

    [Theory]
    [InlineData("g: { tasks: {} }", "'tasks.g.tasks' is empty; add at least one task")]
    [InlineData("g: { tasks: ~ }", "'tasks.g.tasks' is empty; add at least one task")]
    [InlineData("g: { tasks: [a] }", "'tasks.g.tasks' must be a mapping of names to values")]
    [InlineData("g: { run: ls, tasks: { a: { noop: true } } }", "Group 'g' has no key 'run'")]
    [InlineData("g: { tasks: { a: { noop: true, nede: b } } }", "Task 'g.a' has no key 'nede'; did you mean 'needs'?")]
    [InlineData("g: { tasks: { a: { noop: true, retries: x } } }", "'tasks.g.a.retries' is 'x'")]
    [InlineData("g: { defaults: { retries: x }, tasks: { a: { noop: true } } }", "'tasks.g.defaults.retries' is 'x'")]
    [InlineData("g: { tasks: { 'a b': { noop: true } } }", "'a b' cannot be a task's name")]
    [InlineData("g.a: { noop: true }", "a member of a group stands under its group's 'tasks'")]
    [InlineData("g: { tasks: { a: { noop: true } } }, g.a: { noop: true }", "'g.a' cannot be a task's name")]
    [InlineData(
        "g: { tasks: { a: { needs: loda, noop: true }, load: { noop: true } } }",
        "Task 'g.a' needs 'loda', which is no task or group of this DAG; did you mean 'load'?"
    )]
    [InlineData(
        "g: { needs: hh, tasks: { a: { noop: true } } }, h: { noop: true }",
        "Group 'g' needs 'hh', which is no task or group of this DAG; did you mean 'h'?"
    )]
    [InlineData("g: { tasks: { a: { needs: g, noop: true } } }", "Task 'g.a' is in group 'g' and cannot need it")]
    [InlineData("g: { needs: g.a, tasks: { a: { noop: true } } }", "Group 'g' cannot need itself")]
    [InlineData("g: { needs: g, tasks: { a: { noop: true } } }", "Group 'g' cannot need itself")]
    [InlineData(
        "g: { needs: x, tasks: { a: { noop: true } } }, x: { needs: g, noop: true }",
        "These tasks need each other in a circle: g.a, x"
    )]
    [InlineData(
        "g: { needs: h, tasks: { a: { noop: true } } }, h: { needs: g, tasks: { b: { noop: true } } }",
        "These tasks need each other in a circle: g.a, h.b"
    )]
    [InlineData(
        "g: { tasks: { t: { needs: u, teardown: true, noop: true }, u: { needs: t, teardown: true, noop: true }, "
            + "v: { needs: t, teardown: true, noop: true } } }, x: { needs: g, noop: true }",
        "need each other in a circle"
    )]
    [InlineData(
        "g: { tasks: { a: { noop: true } } }, x: { needs: g, noop: true, env: { X: '{{ tasks.g.b.output.x }}' } }",
        "the DAG has no task 'g.b'"
    )]
    [InlineData(
        "g: { tasks: { a: { noop: true } } }, x: { noop: true, env: { X: '{{ tasks.g.a.output.x }}' } }",
        "task 'x' does not wait for task 'g.a'; write 'needs: [g.a]' under task 'x'"
    )]
    [InlineData(
        "g: { defaults: { env: { X: '{{ tasks.z.output.x }}' } }, tasks: { a: { noop: true } } }",
        "the DAG has no task 'z'"
    )]
    public void What_a_group_cannot_mean_is_a_mistake_on_its_line(string tasks, string mistake)
    {
        var found = DagFile.Read($"dag: d\ntasks:\n  {{ {tasks} }}").Mistakes;
        Assert.All(found, x => Assert.Equal(3, x.Line));
        Assert.Contains(found, x => x.Text.Contains(mistake, StringComparison.Ordinal));
    }

    [Fact]
    public void A_task_in_too_many_groups_has_too_long_a_name()
    {
        var name = new string('x', 90);
        var found = Assert.Single(
            DagFile
                .Read(
                    $"dag: d\ntasks: {{ {name}: {{ tasks: {{ {name}: {{ tasks: {{ {name}: {{ noop: true }} }} }} }} }} }}"
                )
                .Mistakes
        );
        Assert.Contains("has 272 characters with the names of its groups; a task has at most 250", found.Text);
    }

    // Each dot would make a group, whose name is as long as what stands before it: a gigabyte.
    [Fact]
    public void A_name_full_of_dots_makes_no_groups()
    {
        var name = string.Join('.', Enumerable.Repeat("a", 25_000));
        var found = DagFile.Read($"dag: d\ntasks:\n  ? {name}\n  : {{ noop: true }}").Mistakes;
        Assert.Contains(found, x => x.Text.Contains("cannot be a task's name", StringComparison.Ordinal));
    }

    // 1000 × 1000 needs of a file of 40 kB would be a hundred megabytes in each run.
    [Fact]
    public void Large_groups_need_each_other_through_a_task_between_them()
    {
        var members = string.Join(", ", Enumerable.Range(0, 1000).Select(x => $"t{x}: {{ noop: true }}"));
        string File(string needs) =>
            $"dag: d\ntasks:\n  g: {{ tasks: {{ {members} }} }}\n"
            + $"  join: {{ needs: g, noop: true }}\n  h: {{ needs: {needs}, tasks: {{ {members} }} }}";
        var found = Assert.Single(DagFile.Read(File("g")).Mistakes);
        Assert.Equal(5, found.Line);
        Assert.Contains("put a task with 'noop: true' between the groups", found.Text, StringComparison.Ordinal);
        Assert.Equal(2001, Dag(File("join")).Tasks.Count);
    }

    // Whatever shape the groups have: each task of what needs a group comes after each task of that group.
    [Property(MaxTest = 200)]
    public Property Whoever_needs_a_group_comes_after_all_of_it() =>
        Prop.ForAll(
            GroupedFiles().ToArbitrary(),
            file =>
            {
                var tasks = Dag(file.Yaml).Tasks;
                var plan = new Scheduler.Runs.Plan(tasks);
                return file.Needs.All(x =>
                {
                    var needed = plan.Members(x.Needed).Select(y => y.TaskId).ToHashSet();
                    return plan.Members(x.User).All(y => plan.Upstream([y.TaskId]).IsSupersetOf(needed));
                });
            }
        );

    // Entries need earlier entries of their group or of one around, so that there is no circle.
    static Gen<(string Yaml, List<(string User, string Needed)> Needs)> GroupedFiles() =>
        from numbers in Gen.ListOf(Gen.Choose(0, 999), 80)
        let random = new Queue<int>(numbers)
        let needs = new List<(string, string)>()
        let tasks = Entries("", [], random, needs, depth: 0)
        select ($"dag: d\ntasks: {tasks}", needs);

    static string Entries(
        string group,
        IReadOnlyList<string> before,
        Queue<int> random,
        List<(string, string)> needs,
        int depth
    )
    {
        var (known, entries) = (before.ToList(), new List<string>());
        for (var i = 0; i <= Next(random) % 4; i++)
        {
            var name = $"{"abcd"[depth]}{i}"; // no name hides another
            var id = TaskNames.Join(group, name);
            var needed = known.Where(_ => Next(random) % 4 == 0).ToList();
            needs.AddRange(needed.Select(x => (id, x)));
            var work =
                depth < 3 && Next(random) % 2 == 0
                    ? $"tasks: {Entries(id, known, random, needs, depth + 1)}"
                    : "noop: true";
            entries.Add($"{name}: {{ needs: [{string.Join(", ", needed)}], {work} }}");
            known.Add(id);
        }
        return $"{{ {string.Join(", ", entries)} }}";
    }

    static int Next(Queue<int> random) => random.TryDequeue(out var next) ? next : 3;
}
