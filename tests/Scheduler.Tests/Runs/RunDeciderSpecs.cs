using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

public sealed class RunDeciderSpecs
{
    static Given<Run> Given(params object[] events) => new(RunStream.Definition, events);

    // extract ──► load, one retry each
    static readonly object[] Started = [Queued(ExtractThenLoad), TaskQueued(ExtractThenLoad, "extract", 1)];

    [Fact]
    public void A_new_run_queues_the_tasks_that_need_nothing() =>
        Given()
            .When(run => RunDecider.Decide(run, Start(ExtractThenLoad)))
            .Expect(Queued(ExtractThenLoad), TaskQueued(ExtractThenLoad, "extract", 1));

    [Fact]
    public void A_run_that_exists_is_not_started_again() =>
        Given(Started).When(run => RunDecider.Decide(run, Start(ExtractThenLoad))).ExpectNothing();

    [Fact]
    public void A_success_queues_what_it_makes_ready() =>
        Given(Started)
            .When(run => RunDecider.Decide(run, Succeeded("extract")))
            .Expect(new TaskSucceeded("extract", 1, 64, Nothing, T0), TaskQueued(ExtractThenLoad, "load", 1));

    [Fact]
    public void The_last_success_finishes_the_run() =>
        Given([.. Started, new TaskSucceeded("extract", 1, 64, Nothing, T0), TaskQueued(ExtractThenLoad, "load", 1)])
            .When(run => RunDecider.Decide(run, Succeeded("load")))
            .Expect(new TaskSucceeded("load", 1, 64, Nothing, T0), Finished(RunOutcome.Succeeded));

    [Fact]
    public void A_failed_attempt_with_attempts_left_waits_for_its_retry_delay() =>
        Given(Started)
            .When(run => RunDecider.Decide(run, Failed("extract")))
            .Expect(
                new TaskUpForRetry("extract", 1, "exit", "exit code 1", 64, RetryAt: T0 + TimeSpan.FromMinutes(5), T0)
            );

    static TaskRequeued Requeued(int attempt, int delay) =>
        new("extract", attempt, "lost", "the executor is gone", 64, RetryAt: T0 + TimeSpan.FromSeconds(delay), T0);

    [Fact]
    public void A_fault_of_the_infrastructure_uses_up_no_retry_and_waits_longer_each_time_until_a_limit()
    {
        var given = Given(Started);
        foreach (var (attempt, delay) in new[] { (1, 2), (2, 4), (3, 8), (4, 16), (5, 32) })
            given = given
                .When(run => RunDecider.Decide(run, Faulted("extract", attempt)))
                .Expect(Requeued(attempt, delay))
                .When(run => RunDecider.Decide(run, new RetryDue("extract", attempt + 1, T0)))
                .Expect(TaskQueued(ExtractThenLoad, "extract", attempt + 1));
        var events = given.When(run => RunDecider.Decide(run, Faulted("extract", 6))).Events;
        Assert.Equal(
            "the executor is gone (given up after 5 more attempts that ended through no fault of the task)",
            Assert.IsType<TaskFailed>(events[0]).Detail
        );
        Assert.IsType<RunFinished>(events[^1]);
    }

    [Fact]
    public void After_faults_of_the_infrastructure_a_task_still_has_its_retries() =>
        Given([.. Started, Requeued(1, 2), TaskQueued(ExtractThenLoad, "extract", 2)])
            .When(run => RunDecider.Decide(run, Failed("extract", attempt: 2)))
            .Expect(
                new TaskUpForRetry("extract", 2, "exit", "exit code 1", 64, RetryAt: T0 + TimeSpan.FromMinutes(5), T0)
            )
            .When(run => RunDecider.Decide(run, new RetryDue("extract", 3, T0)))
            .Expect(TaskQueued(ExtractThenLoad, "extract", 3))
            .When(run => RunDecider.Decide(run, Failed("extract", attempt: 3)))
            .Expect(
                new TaskFailed("extract", 3, "exit", "exit code 1", 64, T0),
                new TaskUpstreamFailed("load", T0),
                Finished(RunOutcome.Failed, new FailedTask("extract", 3, new("exit", "exit code 1"), 64))
            );

    [Fact]
    public void A_cleared_task_may_meet_as_many_faults_again()
    {
        var run = Given([
            .. Started,
            .. Enumerable.Range(1, 5).Select(x => Requeued(x, 2)),
            new TaskCleared("extract", 1, 128, "c", [], T0),
        ]).State;
        Assert.Equal((0, 1), (run.Tasks["extract"].Requeued, run.Tasks["extract"].ClearedAt));
    }

    [Fact]
    public void A_retry_is_queued_when_its_delay_is_over() =>
        Given([.. Started, new TaskUpForRetry("extract", 1, "exit", "", 64, T0, T0)])
            .When(run => RunDecider.Decide(run, new RetryDue("extract", 2, T0)))
            .Expect(TaskQueued(ExtractThenLoad, "extract", 2));

    [Fact]
    public void A_retry_timer_that_comes_late_or_twice_queues_nothing() =>
        Given([
                .. Started,
                new TaskUpForRetry("extract", 1, "exit", "", 64, T0, T0),
                TaskQueued(ExtractThenLoad, "extract", 2),
            ])
            .When(run => RunDecider.Decide(run, new RetryDue("extract", 2, T0)))
            .ExpectNothing();

    [Fact]
    public void The_last_attempts_failure_gives_up_what_depends_on_it_and_fails_the_run() =>
        Given([
                .. Started,
                new TaskUpForRetry("extract", 1, "exit", "", 64, T0, T0),
                TaskQueued(ExtractThenLoad, "extract", 2),
            ])
            .When(run => RunDecider.Decide(run, Failed("extract", attempt: 2)))
            .Expect(
                new TaskFailed("extract", 2, "exit", "exit code 1", 64, T0),
                new TaskUpstreamFailed("load", T0),
                Finished(RunOutcome.Failed, new FailedTask("extract", 2, new("exit", "exit code 1"), 64))
            );

    [Theory]
    [InlineData("extract", 2)] // an attempt that was never queued
    [InlineData("load", 1)] // a task that is not ready
    [InlineData("nothing", 1)] // no task of this run
    public void A_report_on_anything_but_the_current_attempt_decides_nothing(string task, int attempt) =>
        Given(Started).When(run => RunDecider.Decide(run, Succeeded(task, attempt))).ExpectNothing();

    [Fact]
    public void A_report_for_an_unknown_run_is_refused() =>
        Given().When(run => RunDecider.Decide(run, Succeeded("extract"))).ExpectRejection("unknown_run");

    [Fact]
    public void A_start_is_noted_once_and_not_after_the_end()
    {
        Given(Started)
            .When(run => RunDecider.Decide(run, new ReportStart("extract", 1, T0)))
            .Expect(new TaskStarted("extract", 1, T0));
        Given([.. Started, new TaskSucceeded("extract", 1, 64, Nothing, T0)])
            .When(run => RunDecider.Decide(run, new ReportStart("extract", 1, T0)))
            .ExpectNothing();
    }

    // extract failed for memory twice and took load and the run with it
    static readonly object[] GivenUp =
    [
        .. Started,
        new TaskFailed("extract", 1, "oom", "", 64, T0),
        new TaskUpstreamFailed("load", T0),
        Finished(RunOutcome.Failed, new FailedTask("extract", 1, new("oom", ""), 64)),
    ];

    [Fact]
    public void A_cleared_task_runs_again_with_the_new_limit_and_opens_what_was_given_up_behind_it() =>
        Given(GivenUp)
            .When(run => RunDecider.Decide(run, new ClearTask("extract", 1, 128, "case-task.etl.extract", T0)))
            .Expect(
                new TaskCleared("extract", 1, 128, "case-task.etl.extract", ["load"], T0),
                TaskQueued(ExtractThenLoad, "extract", 2, memory: 128)
            );

    [Fact]
    public void A_run_whose_failed_task_was_cleared_can_still_succeed() =>
        Given([
                .. GivenUp,
                new TaskCleared("extract", 1, 128, "c", ["load"], T0),
                TaskQueued(ExtractThenLoad, "extract", 2, memory: 128),
                new TaskSucceeded("extract", 2, 128, Nothing, T0),
                TaskQueued(ExtractThenLoad, "load", 1),
            ])
            .When(run => RunDecider.Decide(run, Succeeded("load")))
            .Expect(new TaskSucceeded("load", 1, 64, Nothing, T0), Finished(RunOutcome.Succeeded) with { End = 2 });

    [Fact]
    public void A_run_that_was_reopened_ends_a_second_time() =>
        Given([
                .. GivenUp,
                new TaskCleared("extract", 1, 128, "c", ["load"], T0),
                TaskQueued(ExtractThenLoad, "extract", 2, memory: 128),
                new TaskUpForRetry("extract", 2, "exit", "", 128, T0, T0),
                TaskQueued(ExtractThenLoad, "extract", 3, memory: 128),
            ])
            .When(run => RunDecider.Decide(run, Failed("extract", attempt: 3, memory: 128)))
            .Expect(
                new TaskFailed("extract", 3, "exit", "exit code 1", 128, T0),
                new TaskUpstreamFailed("load", T0),
                Finished(RunOutcome.Failed, new FailedTask("extract", 3, new("exit", "exit code 1"), 128)) with
                {
                    End = 2,
                }
            );

    [Fact]
    public void A_run_that_failed_names_so_many_tasks_and_those_killed_for_memory_first()
    {
        var fan = ExtractThenLoad with
        {
            Tasks =
            [
                .. Enumerable.Range(0, 30).Select(i => ExtractThenLoad.Tasks[0] with { TaskId = $"t{i}", Retries = 0 }),
            ],
        };
        var run = Given([.. RunDecider.Decide(Run.None, Start(fan))]).State;
        var log = new List<RunEvent>();
        foreach (var i in Enumerable.Range(0, 30))
        {
            var events = RunDecider.Decide(run, Failed($"t{i}", attempt: 1, reason: i == 29 ? "oom" : "exit"));
            log.AddRange(events);
            run = events.Aggregate(run, Run.Evolve);
        }
        var end = Assert.Single(log.OfType<RunFinished>());
        Assert.Equal(30, end.FailedCount);
        Assert.Equal(
            ["t29", .. Enumerable.Range(0, RunFinished.MostFailed - 1).Select(i => $"t{i}")],
            end.Failed.Select(x => x.Task)
        );
    }

    [Fact]
    public void A_run_keeps_a_bounded_part_of_why_a_task_failed()
    {
        var detail = new string('x', TaskFailure.LongestDetail - 1) + "\U0001F600 and more";
        var failed = TaskFailure.Of("exit", detail);
        Assert.Equal(new string('x', TaskFailure.LongestDetail - 1), failed.Detail); // no half of a pair
    }

    [Fact]
    public void A_cleared_task_has_its_retries_again() =>
        Given([
                .. GivenUp,
                new TaskCleared("extract", 1, 128, "c", ["load"], T0),
                TaskQueued(ExtractThenLoad, "extract", 2, memory: 128),
            ])
            .When(run => RunDecider.Decide(run, Failed("extract", attempt: 2, "oom", memory: 128)))
            .Expect(new TaskUpForRetry("extract", 2, "oom", "exit code 1", 128, T0 + TimeSpan.FromMinutes(5), T0));

    [Fact]
    public void A_task_that_waits_for_its_retry_is_cleared_without_waiting() =>
        Given([.. Started, new TaskUpForRetry("extract", 1, "oom", "", 64, T0, T0)])
            .When(run => RunDecider.Decide(run, new ClearTask("extract", 1, 128, "c", T0)))
            .Expect(
                new TaskCleared("extract", 1, 128, "c", [], T0),
                TaskQueued(ExtractThenLoad, "extract", 2, memory: 128)
            );

    [Fact]
    public void A_clear_that_answers_an_older_failure_changes_nothing() =>
        Given([
                .. Started,
                new TaskUpForRetry("extract", 1, "oom", "", 64, T0, T0),
                TaskQueued(ExtractThenLoad, "extract", 2),
            ])
            .When(run => RunDecider.Decide(run, new ClearTask("extract", 1, 128, "c", T0)))
            .ExpectNothing();

    static readonly DagSpec Greeting = Dag(
        """
        dag: greeting
        params: { name: world, day: "{{ ds }}" }
        tasks:
          ask: { noop: true }
          answer:
            needs: [ask]
            run: echo "$TEXT"
            env: { TEXT: "{{ tasks.ask.output.word }} {{ params.name }} on {{ params.day }}, {{ tasks.ask.output.list[1].n }}" }
          typo: { needs: [answer], noop: true, env: { X: "{{ tasks.ask.output.nothing_like_it }}" } }
        """
    );

    [Fact]
    public void Outputs_params_and_dates_reach_the_environment_of_the_next_task()
    {
        var outputs = new Dictionary<string, string>
        {
            ["word"] = "Hello;$(reboot)",
            ["list"] = """[{"n":1},{"n":2}]""",
        };
        var run = Given([
            .. RunDecider.Decide(Run.None, Start(Greeting, new Dictionary<string, string?> { ["name"] = "Ada" })),
        ]).State;
        var queued = RunDecider.Decide(run, Succeeded("ask") with { Outputs = outputs }).OfType<TaskQueued>().Single();
        Assert.Equal("Hello;$(reboot) Ada on 2026-03-01, 2", queued.Work.Env["TEXT"]);
        Assert.Equal("echo \"$TEXT\"", queued.Work.Command[^1]);
    }

    [Fact]
    public void A_template_that_names_nothing_fails_its_task_and_says_so()
    {
        object[] events =
        [
            .. RunDecider.Decide(Run.None, Start(Greeting)),
            new TaskSucceeded(
                "ask",
                1,
                512,
                new Dictionary<string, string> { ["word"] = "a", ["list"] = """[0,{"n":1}]""" },
                T0
            ),
            TaskQueued(Greeting, "answer", 1),
        ];
        var decided = RunDecider.Decide(Given(events).State, Succeeded("answer"));
        var failed = Assert.IsType<TaskFailed>(decided[1]);
        Assert.Equal("template", failed.Reason);
        Assert.Contains("nothing_like_it", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(
            new FailedTask("typo", 1, TaskFailure.Of(failed.Reason, failed.Detail), 512),
            Assert.Single(Assert.IsType<RunFinished>(decided[2]).Failed)
        );
    }

    // what a task before says it hands on: word=a, list=[1,2] and map={"k":null}
    [Theory]
    [InlineData("{{ nosuch }}", "'{{ nosuch }}': there is no 'nosuch'")]
    [InlineData("{{ params.missing }}", "'{{ params.missing }}': there is no 'params.missing'")]
    [InlineData("{{ params[\"missing\"] | upcase }}", "there is no 'params[\"missing\"]'")]
    [InlineData("{{ params[ds] }}", "there is no 'params[ds]'")]
    [InlineData("{% if params.missing %}{% endif %}", "there is no 'params.missing'")]
    [InlineData("{% if false %}{{ params.other }}{% endif %}{{ params.missing }}", "there is no 'params.missing'")]
    [InlineData("{{ tasks.nobody.output.word }}", "there is no 'tasks.nobody.output.word'")]
    [InlineData("{{ tasks.ask.output.q }}", "Task 'ask' handed on no output 'q'")]
    [InlineData("{{ tasks.ask.output[\"q\"].n }}", "Task 'ask' handed on no output 'q'")]
    [InlineData("{{ tasks.ask.output.list[7] }}", "there is no 'tasks.ask.output.list[7]'")]
    [InlineData("{{ tasks.ask.output.map.z }}", "there is no 'tasks.ask.output.map.z'")]
    [InlineData("{% for x in tasks.ask.output.list %}{{ x.n }}{% endfor %}", "there is no 'x.n'")]
    public void What_a_template_names_and_nothing_has_is_named_as_it_is_written(string template, string detail)
    {
        var dag = ExtractThenLoad with
        {
            Tasks =
            [
                ExtractThenLoad.Tasks[0] with
                {
                    TaskId = "ask",
                },
                ExtractThenLoad.Tasks[1] with
                {
                    Needs = ["ask"],
                    Env = new Dictionary<string, string> { ["X"] = template },
                },
            ],
        };
        var outputs = new Dictionary<string, string>
        {
            ["word"] = "a",
            ["list"] = "[1,2]",
            ["map"] = "{\"k\":null}",
        };
        var decided = RunDecider.Decide(
            Given([.. RunDecider.Decide(Run.None, Start(dag))]).State,
            Succeeded("ask") with
            {
                Outputs = outputs,
            }
        );
        var said = Assert.IsType<TaskFailed>(decided[1]).Detail;
        Assert.Contains(detail, said, StringComparison.Ordinal);
        Assert.DoesNotContain("Fluid", said, StringComparison.Ordinal);
    }

    // what the file says │ what param p and output o of the task before say │ what reaches the container; null: the
    // task fails
    [Theory]
    [InlineData("secret:token", "", "secret:token")] // a reference, written down
    [InlineData("{{ params.p }}", "secret:token", null)]
    [InlineData("{{ tasks.ask.output.o }}", "secret:token", null)]
    [InlineData("secret:{{ params.p }}", "token", null)]
    [InlineData("{{ params.p }}{{ tasks.ask.output.o }}", "secret:", null)]
    [InlineData("{% if true %}secret:token{% endif %}", "", null)]
    [InlineData("a {{ params.p }}", "secret:token", "a secret:token")] // only text
    public void Only_the_DAG_file_names_a_secret(string text, string data, string? expected)
    {
        var dag = Dag(
            $"dag: d\nparams: {{ p: '' }}\ntasks:\n  ask: {{ noop: true }}\n  use: {{ needs: [ask], noop: true, env: {{ X: '{text}' }} }}"
        );
        object[] events =
        [
            .. RunDecider.Decide(Run.None, Start(dag, new Dictionary<string, string?> { ["p"] = data })),
        ];
        var decided = RunDecider.Decide(
            Given(events).State,
            Succeeded("ask") with
            {
                Outputs = new Dictionary<string, string> { ["o"] = data },
            }
        )[1];
        Assert.Equal(
            expected ?? "template",
            decided is TaskQueued queued ? queued.Work.Env["X"] : ((TaskFailed)decided).Reason
        );
    }

    [Fact]
    public void A_value_for_a_parameter_the_DAG_does_not_have_is_refused() =>
        Given()
            .When(run => RunDecider.Decide(run, Start(Greeting, new Dictionary<string, string?> { ["nmae"] = "Ada" })))
            .ExpectRejection("invalid_params");
}
