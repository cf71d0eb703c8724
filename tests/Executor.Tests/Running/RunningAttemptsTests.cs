using Docker.DotNet;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningAttemptsTests(SharedExecutor shared) : IClassFixture<SharedExecutor>, IAsyncLifetime
{
    RunningExecutor executor = null!;

    public async ValueTask InitializeAsync() => executor = await shared.Get();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_noop_succeeds_without_a_container()
    {
        var ending = await executor.Run(Tasks.Noop());
        Assert.True(ending is { Succeeded: true, Reason: Reasons.Completed, ExitCode: null }, ending.ToString());
    }

    [Fact]
    public async Task A_task_runs_in_its_container_and_hands_values_on()
    {
        var task = Tasks.Shell("echo one; echo two >&2; echo \"::output rows=$((40+2))\"; echo '::output list=[1,2]'");
        var ending = await executor.Run(task);
        Assert.True(ending is { Succeeded: true, Reason: Reasons.Completed, ExitCode: 0 }, ending.ToString());
        Assert.Equal("42", ending.Outputs["rows"]);
        Assert.Equal("[1,2]", ending.Outputs["list"]);
        Assert.Equal(["one", "::output rows=42", "::output list=[1,2]"], await executor.Text(task.AttemptId, "stdout"));
        Assert.Equal(["two"], await executor.Text(task.AttemptId, "stderr"));
    }

    [Fact]
    public async Task A_long_output_is_stored_beside_the_attempt_and_handed_on_whole_each_time_it_is_asked_for()
    {
        var task = Tasks.Shell(
            "echo '::output rows=42'; echo \"::output text=$(head -c 32768 /dev/zero | tr '\\0' x)\""
        );
        var ending = await executor.Run(task);
        Assert.True(ending.Succeeded, ending.ToString());
        var expected = new Dictionary<string, string> { ["rows"] = "42", ["text"] = new('x', 32 * 1024) };
        Assert.Equivalent(expected, ending.Outputs);

        var recorded = (await executor.Events(task.AttemptId))
            .OfType<Executor.Attempts.AttemptFinished>()
            .Single()
            .Ending;
        Assert.Equal([new("rows", "42")], recorded.Outputs);
        Assert.Equal([new("text", ValueReference.To(expected["text"]))], recorded.StoredOutputs!);

        executor.Forget(task.AttemptId);
        Assert.Equivalent(expected, (await executor.Run(task)).Outputs);
    }

    [Fact]
    public async Task A_long_variable_is_stored_beside_the_attempt_and_reaches_the_command()
    {
        var task = Tasks.Shell("echo ${#LONG} $SHORT", env: new() { ["LONG"] = new('é', 16_000), ["SHORT"] = "s" });
        Assert.True((await executor.Run(task)).Succeeded);
        Assert.Contains(await executor.Text(task.AttemptId, "stdout"), x => x is "32000 s" or "16000 s"); // by locale
        var spec = (await executor.Events(task.AttemptId)).OfType<AttemptAccepted>().Single().Spec;
        Assert.Equal([new("SHORT", "s")], spec.Env);
        Assert.Equal(32_000, spec.StoredEnv!["LONG"].Bytes);
        var refused = Tasks.Shell("", env: new() { ["LONG"] = new string('x', 5000) + '\0' });
        Assert.Equal(Reasons.Refused, (await executor.Run(refused)).Reason);
    }

    [Fact]
    public async Task Commands_to_Nightshift_on_standard_error_are_text()
    {
        var ending = await executor.Run(
            Tasks.Shell(
                "echo '::output rows=42'; sleep 0.2; echo '::output rows=7' >&2; echo '::output leaked=yes' >&2"
            )
        );
        Assert.Equal([new("rows", "42")], ending.Outputs);
    }

    [Fact]
    public async Task An_attempt_that_is_stopped_ends_at_once_and_its_container_is_stopped_and_removed()
    {
        var task = Tasks.Shell("trap 'exit 0' TERM; sleep 600 & wait", timeoutSeconds: 900);
        await executor.Send(task);
        await executor.In(task.AttemptId, AttemptPhase.Running);
        await executor.Stop(task);
        var ending = await executor.Finished(task.AttemptId);
        Assert.Equal(
            (false, Reasons.Stopped, "The run's time was up"),
            (ending.Succeeded, ending.Reason, ending.Detail)
        );
        await executor.Gone(ContainerName.Of(task.AttemptId, executor.Get<Installation>().Id));
    }

    [Fact]
    public async Task An_attempt_that_is_stopped_before_it_was_asked_for_never_begins()
    {
        var task = Tasks.Shell("true");
        await executor.Stop(task);
        Assert.Equal(Reasons.Stopped, (await executor.Finished(task.AttemptId)).Reason);
        executor.Forget(task.AttemptId);
        Assert.Equal(Reasons.Stopped, (await executor.Run(task)).Reason);
        Assert.IsType<Executor.Attempts.AttemptFinished>(Assert.Single(await executor.Events(task.AttemptId)));
    }

    // What a run: line becomes.
    [Fact]
    public async Task Outputs_that_are_joined_keep_their_order()
    {
        const string line = "for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done; false; echo not reached";
        var task = Tasks.Shell("") with { Command = ["sh", "-c", "exec 2>&1; exec sh -ec \"$0\"", line] };
        Assert.Equal(1, (await executor.Run(task)).ExitCode);
        Assert.Equal(
            Enumerable.Range(1, 5).SelectMany(i => new[] { $"out{i}", $"err{i}" }),
            await executor.Text(task.AttemptId, "stdout")
        );
    }

    [Fact]
    public async Task Outputs_in_the_file_may_have_several_lines_and_are_no_part_of_the_log()
    {
        await shared.TestInfrastructure!.Secret("file-token", "s3cret-value");
        var task = Tasks.Shell(
            """
            echo '::output rows=1'; echo rows=42 >>"$NIGHTSHIFT_OUTPUT"
            { echo 'text<<EOF'; printf 'one\n\n  three with %s\n' "$TOKEN"; echo EOF; } >>"$NIGHTSHIFT_OUTPUT"
            printf 'no line end'
            """,
            env: new() { ["TOKEN"] = "secret:file-token" }
        );
        var ending = await executor.Run(task);
        Assert.True(ending.Succeeded, ending.ToString());
        Assert.Equal(("42", "one\n\n  three with ***"), (ending.Outputs["rows"], ending.Outputs["text"]));
        Assert.Equal(["::output rows=1", "no line end"], await executor.Text(task.AttemptId, "stdout"));
    }

    [Theory]
    [InlineData(
        "for i in $(seq 70); do echo \"::output a$i=x\"; done",
        "The output 'a65' is one too many; the limit is 64"
    )]
    [InlineData("for i in $(seq 70); do echo a$i=x; done >>$NIGHTSHIFT_OUTPUT", "The output 'a65' is one too many")]
    [InlineData("echo \"::output big=$(head -c 40000 /dev/zero | tr '\\0' x)\"", "The output 'big' has 40,000 bytes")]
    [InlineData(
        "echo \"big=$(head -c 40000 /dev/zero | tr '\\0' x)\" >>$NIGHTSHIFT_OUTPUT",
        "The output 'big' has 40,000"
    )]
    [InlineData(
        "seq -f \"a=%.0f $(head -c 20000 /dev/zero | tr '\\0' x)\" 1500 >>$NIGHTSHIFT_OUTPUT",
        "The file $NIGHTSHIFT_OUTPUT is longer than"
    )]
    [InlineData("rm $NIGHTSHIFT_OUTPUT; echo nonsense >$NIGHTSHIFT_OUTPUT", "Line 1 of $NIGHTSHIFT_OUTPUT is neither")]
    public async Task Outputs_over_a_limit_fail_the_attempt_with_their_name(string script, string detail)
    {
        var task = Tasks.Shell(script, memoryMiB: 128);
        var ending = await executor.Run(task);
        Assert.True(ending is { Succeeded: false, Reason: Reasons.Output, ExitCode: 0 }, ending.ToString());
        Assert.StartsWith(detail, ending.Detail, StringComparison.Ordinal);
        Assert.Equal([ending.Detail], await executor.Text(task.AttemptId, "nightshift"));
    }

    [Fact]
    public async Task An_image_says_where_its_command_starts()
    {
        using var docker = new DockerClientBuilder().WithEndpoint(new Uri(RunningExecutor.Docker)).Build();
        await using var image = await DerivedImage.Make(docker, ["true"], ["WORKDIR /usr/bin"]);
        var task = Tasks.Shell("") with
        {
            Command = ["./env", "sh", "-c", "pwd; touch $HOME/x /work/y /tmp/z && echo ok"],
        };
        await executor.Run(task with { Image = image.Name });
        Assert.Equal(["/usr/bin", "ok"], await executor.Text(task.AttemptId, "stdout"));
    }

    [Fact]
    public async Task An_image_without_a_shell_runs_its_command_and_prints_its_outputs()
    {
        using var docker = new DockerClientBuilder().WithEndpoint(new Uri(RunningExecutor.Docker)).Build();
        await using var image = await DerivedImage.Make(docker, ["rm", "/bin/sh"], []);
        foreach (var again in (bool[])[false, true])
        {
            var task = Tasks.Shell("") with { Command = ["/bin/echo", "::output a=1"], Image = image.Name };
            var ending = await executor.Run(task);
            Assert.True(ending is { Succeeded: true, ExitCode: 0 }, $"{again}: {ending}");
            Assert.Equal("1", ending.Outputs["a"]);
        }
    }

    [Fact]
    public async Task The_image_an_attempt_ran_is_recorded_by_its_digest()
    {
        var task = Tasks.Shell("true");
        await executor.Run(task);
        var started = await executor.Started(task.AttemptId);
        Assert.Matches("^sha256:[0-9a-f]{64}$", started.ImageDigest);
    }

    [Fact]
    public async Task An_image_that_is_built_here_is_never_fetched()
    {
        var ending = await executor.Run(Tasks.Shell("true") with { Image = "localhost/no/such" });
        Assert.True(ending is { Succeeded: false, Reason: Reasons.Engine, ExitCode: null }, ending.ToString());
        Assert.Equal(
            "The image 'localhost/no/such' is not on this engine. It is built there and never pulled; './nightshift up' builds it again",
            ending.Detail
        );
    }

    [Fact]
    public async Task The_container_is_gone_when_its_attempt_is_over()
    {
        var task = Tasks.Shell("true");
        await executor.Run(task);
        await executor.Gone(ContainerName.Of(task.AttemptId, Installation.Default));
    }

    [Fact]
    public async Task A_command_that_fails_ends_with_its_exit_code()
    {
        var ending = await executor.Run(Tasks.Shell("exit 3"));
        Assert.True(ending is { Succeeded: false, Reason: Reasons.Exit, ExitCode: 3 }, ending.ToString());
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_the_tasks_mistake()
    {
        var ending = await executor.Run(Tasks.Shell("") with { Command = ["no-such-command"] });
        Assert.True(ending is { Succeeded: false, Reason: Reasons.Exit, ExitCode: 127 }, ending.ToString());
    }

    [Fact]
    public async Task Values_reach_the_command_as_they_are_and_never_as_a_shell_line()
    {
        var task = Tasks.Shell("printf '%s\\n' \"$VALUE\" \"$1\"", env: new() { ["VALUE"] = "a \"b\" $(id) 'c'" });
        await executor.Run(task with { Command = [.. task.Command, "sh", "; echo pasted"] });
        Assert.Equal(["a \"b\" $(id) 'c'", "; echo pasted"], await executor.Text(task.AttemptId, "stdout"));
    }

    [Theory]
    [InlineData("head -c 200m /dev/zero | tail")] // the shell goes on and reports its last child
    [InlineData("head -c 200m /dev/zero | tail; exit 0")]
    public async Task A_task_that_needs_more_memory_than_it_may_have_ends_as_out_of_memory(string script)
    {
        var ending = await executor.Run(Tasks.Shell(script, memoryMiB: 16));
        Assert.True(ending is { Succeeded: false, Reason: Reasons.Oom, MemoryMiB: 16 }, ending.ToString());
    }

    [Fact]
    public async Task A_task_that_takes_too_long_is_stopped()
    {
        var task = Tasks.Shell(
            "trap 'echo asked to stop; exit 0' TERM; echo waiting; while :; do sleep 0.1; done",
            timeoutSeconds: 1
        );
        var ending = await executor.Run(task);
        Assert.True(ending is { Succeeded: false, Reason: Reasons.Timeout }, ending.ToString());
        Assert.Equal(["waiting", "asked to stop"], await executor.Text(task.AttemptId, "stdout"));
        Assert.Equal(["Stopped after 1 s"], await executor.Text(task.AttemptId, "nightshift"));
    }

    [Fact]
    public async Task An_image_that_cannot_be_had_is_named()
    {
        var ending = await executor.Run(Tasks.Shell("true") with { Image = "127.0.0.1:1/no/such:1" });
        Assert.True(ending is { Succeeded: false, Reason: Reasons.Image, ExitCode: null }, ending.ToString());
        Assert.Contains("127.0.0.1:1/no/such:1", ending.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_reaches_the_task_and_nothing_else()
    {
        await shared.TestInfrastructure!.Secret("api-token", "s3cret-value");
        var task = Tasks.Shell(
            "echo token=$TOKEN; echo \"::output token=$TOKEN\"; [ \"$TOKEN\" = s3cret-value ]",
            env: new() { ["TOKEN"] = "secret:api-token" }
        );
        var ending = await executor.Run(task);
        Assert.True(ending.Succeeded, ending.ToString());
        Assert.Equal("***", ending.Outputs["token"]);
        Assert.Equal(["token=***", "::output token=***"], await executor.Text(task.AttemptId, "stdout"));
        var (attempt, _) = await executor
            .Get<StreamStore<Attempt>>()
            .Load(task.AttemptId, TestContext.Current.CancellationToken);
        Assert.Equal("secret:api-token", attempt.Spec!.Env["TOKEN"]);
    }

    [Fact]
    public async Task A_secret_that_is_missing_is_named()
    {
        var ending = await executor.Run(Tasks.Shell("true", env: new() { ["TOKEN"] = "secret:nowhere" }));
        Assert.True(ending is { Reason: Reasons.Refused, Infrastructure: false }, ending.ToString());
        Assert.Contains("'nowhere'", ending.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway-key")]
    [InlineData("postgres-password")]
    [InlineData("rabbitmq-password")]
    [InlineData("github-webhook-secret")]
    [InlineData("github-webhook-secret-previous")]
    public async Task A_secret_of_the_system_reaches_no_task(string name)
    {
        await shared.TestInfrastructure!.Secret("github-webhook-secret", "known");
        await shared.TestInfrastructure!.Secret("github-webhook-secret-previous", "known");
        var ending = await executor.Run(Tasks.Shell("true", env: new() { ["STOLEN"] = $"secret:{name}" }));
        Assert.True(ending is { Reason: Reasons.Refused, ExitCode: null }, ending.ToString());
        Assert.Contains($"'{name}' for STOLEN is the system's own", ending.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_lines_stay_in_order()
    {
        var task = Tasks.Shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
        await executor.Run(task);
        Assert.Equal(
            Enumerable.Range(0, 20_000).Select(i => $"line {i}"),
            await executor.Text(task.AttemptId, "stdout")
        );
    }

    [Fact]
    public async Task A_long_line_is_one_line()
    {
        var task = Tasks.Shell("head -c 40000 /dev/zero | tr '\\0' x; echo; printf end");
        await executor.Run(task);
        Assert.Equal([40_000, 3], (await executor.Text(task.AttemptId, "stdout")).Select(x => x.Length));
    }

    [Fact]
    public async Task The_same_command_twice_runs_the_task_once()
    {
        var task = Tasks.Shell("echo ran");
        await executor.Send(task);
        await executor.Run(task);
        Assert.Equal(["ran"], await executor.Text(task.AttemptId, "stdout"));
        Assert.Equal(
            [
                typeof(AttemptAccepted),
                typeof(AttemptGranted),
                typeof(AttemptStarting),
                typeof(AttemptStarted),
                typeof(AttemptFinished),
            ],
            (await executor.Events(task.AttemptId)).Select(x => x.GetType())
        );
    }

    [Fact]
    public async Task A_command_for_an_attempt_that_is_over_is_answered_with_its_end()
    {
        foreach (var task in new[] { Tasks.Noop(), Tasks.Shell("echo '::output a=1'; exit 3") })
        {
            var first = await executor.Run(task);
            executor.Forget(task.AttemptId);
            var again = await executor.Run(task);
            Assert.Equivalent(first, again, strict: true);
        }
    }

    [Fact]
    public async Task A_secret_of_several_lines_is_handed_over_whole_and_each_line_is_masked()
    {
        await shared.TestInfrastructure!.Secret(
            "deploy-key",
            "-----BEGIN KEY-----\nabc123\nxyz789\n-----END KEY-----\n"
        );
        var task = Tasks.Shell(
            "echo \"$KEY\" | wc -l; echo \"$KEY\"; echo middle xyz789 end",
            env: new() { ["KEY"] = "secret:deploy-key" }
        );
        Assert.True((await executor.Run(task)).Succeeded);
        Assert.Equal(
            ["4", "***", "***", "***", "***", "middle *** end"],
            await executor.Text(task.AttemptId, "stdout")
        );
    }

    // What a task sees of itself and its host; the engine's own description is checked field by field elsewhere.
    [Fact]
    public async Task A_task_is_sealed_in()
    {
        var task = Tasks.Shell(
            """
            echo "user $(id -u):$(id -g)"
            echo "caps $(grep CapEff /proc/self/status | tr -d '[:space:]')"
            echo "bounding $(grep CapBnd /proc/self/status | tr -d '[:space:]')"
            echo "privs $(grep NoNewPrivs /proc/self/status | tr -d '[:space:]')"
            echo "seccomp $(grep Seccomp: /proc/self/status | tr -d '[:space:]')"
            touch /file 2>/dev/null && echo "root writable" || echo "root read-only"
            echo '#!/bin/sh' > /tmp/x; chmod +x /tmp/x; /tmp/x 2>/dev/null && echo "tmp runs" || echo "tmp does not run"
            printf '#!/bin/sh\necho work runs\n' > x; chmod +x x; ./x
            echo "in $(pwd)"
            echo "devices $(ls /sys/class/net | tr '\n' ' ')"
            echo "core $(ulimit -c) files $(ulimit -n)"
            rm /tmp/x; head -c 100m /dev/zero > /tmp/big 2>/dev/null; echo "tmp $(wc -c < /tmp/big)"
            mknod /tmp/null c 1 3 2>/dev/null && echo "mknod" || echo "no mknod"
            ls /var/run/docker.sock >/dev/null 2>&1 && echo "socket" || echo "no socket"
            """
        );
        await executor.Run(task);
        Assert.Equal(
            [
                "user 65534:65534",
                "caps CapEff:0000000000000000",
                "bounding CapBnd:0000000000000000",
                "privs NoNewPrivs:1",
                "seccomp Seccomp:2",
                "root read-only",
                "tmp runs",
                "work runs",
                "in /work",
                "devices lo ",
                "core 0 files 1024",
                $"tmp {32 * 1024 * 1024}",
                "no mknod",
                "no socket",
            ],
            await executor.Text(task.AttemptId, "stdout")
        );
    }

    [Fact]
    public async Task A_volume_of_the_image_is_as_small_as_any_scratch_space_and_leaves_nothing_behind()
    {
        using var docker = new DockerClientBuilder().WithEndpoint(new Uri(RunningExecutor.Docker)).Build();
        var before = await Volumes(docker);
        await using var image = await DerivedImage.Make(docker, ["true"], ["VOLUME /data", "VOLUME /var/tmp/"]);
        var task = Tasks.Shell(
            "for x in /data /var/tmp; do head -c 100m /dev/zero > $x/big 2>/dev/null; echo $x $(wc -c < $x/big); done"
        );
        await executor.Run(task with { Image = image.Name });
        Assert.Equal(
            [$"/data {16 * 1024 * 1024}", $"/var/tmp {16 * 1024 * 1024}"],
            await executor.Text(task.AttemptId, "stdout")
        );
        await executor.Gone(ContainerName.Of(task.AttemptId, Installation.Default));
        Assert.Equal(before, await Volumes(docker));
    }

    static async Task<IEnumerable<string>> Volumes(DockerClient docker) =>
        (await docker.Volumes.ListAsync(TestContext.Current.CancellationToken))
            .Volumes?.Select(x => x.Name)
            .Order(StringComparer.Ordinal)
        ?? Enumerable.Empty<string>();

    [Fact]
    public async Task A_fork_bomb_stays_inside()
    {
        var task = Tasks.Shell(
            "i=0; while [ $i -lt 300 ]; do sleep 30 & i=$((i+1)); done 2>&1 | head -1; true",
            timeoutSeconds: 20
        );
        await executor.Run(task);
        Assert.Contains(
            await executor.Text(task.AttemptId, "stdout"),
            x => x.Contains("fork", StringComparison.Ordinal)
        );
    }
}
