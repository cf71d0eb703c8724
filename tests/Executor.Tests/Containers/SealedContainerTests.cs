using System.Collections.Immutable;
using System.Text.Json;
using Docker.DotNet.Models;
using FsCheck;
using FsCheck.Xunit;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor.Tests.Containers;

public sealed class SealedContainerTests
{
    static readonly EngineInfo Engine = new(
        "e1",
        "20.10",
        LimitsMemory: true,
        LimitsPids: true,
        LimitsCpu: true,
        CgroupVersion: 1,
        Seccomp: true,
        AppArmor: false
    );
    static readonly ImageFacts Image = new("sha256:1", [], "");
    static readonly ImmutableDictionary<string, string> NoEnv = ImmutableDictionary<string, string>.Empty;
    static readonly AttemptKey Key = new("run~task~1", "run", "dag", "task", 1);

    static AttemptSpec Spec(
        string image = "alpine:3",
        string[]? command = null,
        int memoryMiB = 512,
        double cpus = 0.5
    ) =>
        new(
            AttemptSpec.Container,
            image,
            [.. command ?? ["sh", "-c", "true"]],
            ImmutableSortedDictionary<string, string>.Empty,
            60,
            memoryMiB,
            cpus,
            DateTimeOffset.UnixEpoch
        );

    static CreateContainerParameters Of(
        AttemptSpec spec,
        EngineInfo? engine = null,
        Dictionary<string, string>? env = null,
        params string[] volumes
    ) =>
        SealedContainer.Of(
            Key,
            spec,
            env ?? [],
            Image with
            {
                Volumes = volumes,
            },
            engine ?? Engine,
            Installation.Default
        );

    static CreateContainerParameters In(ImageFacts image) =>
        SealedContainer.Of(Key, Spec(), NoEnv, image, Engine, Installation.Default);

    public static TheoryData<string, Func<CreateContainerParameters, object?>, object?> Rows =>
        new()
        {
            { "user nobody", x => x.User, "65534:65534" },
            { "no capabilities", x => string.Join(',', x.HostConfig!.CapDrop!), "ALL" },
            { "none added", x => x.HostConfig!.CapAdd, null },
            { "no new privileges", x => string.Join(',', x.HostConfig!.SecurityOpt!), "no-new-privileges:true" },
            { "not privileged", x => x.HostConfig!.Privileged, false },
            { "own processes", x => x.HostConfig!.PidMode, "" },
            { "own IPC", x => x.HostConfig!.IpcMode, "private" },
            { "own host name", x => x.HostConfig!.UTSMode, "" },
            { "own users", x => x.HostConfig!.UsernsMode, "" },
            { "own cgroup", x => x.HostConfig!.CgroupnsMode, "private" },
            { "read-only root", x => x.HostConfig!.ReadonlyRootfs, true },
            { "own /tmp", x => x.HostConfig!.Tmpfs!["/tmp"], "rw,exec,nosuid,nodev,size=256m,mode=1777" },
            { "no folder of the host", x => x.Volumes, null },
            { "no binds", x => x.HostConfig!.Binds, null },
            { "no mounts", x => x.HostConfig!.Mounts, null },
            {
                "own /work",
                x => x.HostConfig!.Tmpfs!["/work"],
                "rw,exec,nosuid,nodev,size=256m,mode=0700,uid=65534,gid=65534"
            },
            { "starts in /work", x => x.WorkingDir, "/work" },
            { "memory", x => x.HostConfig!.Memory, 512L * 1024 * 1024 },
            { "no swap", x => x.HostConfig!.MemorySwap, 512L * 1024 * 1024 },
            { "no swappiness on v1", x => x.HostConfig!.MemorySwappiness, 0L },
            { "CPU", x => x.HostConfig!.NanoCPUs, 500_000_000L },
            { "processes", x => x.HostConfig!.PidsLimit, 128L },
            {
                "limits",
                x => string.Join(',', x.HostConfig!.Ulimits!.Select(u => $"{u.Name}={u.Soft}/{u.Hard}")),
                "nofile=1024/1024,core=0/0,fsize=1073741824/1073741824"
            },
            { "shared memory", x => x.HostConfig!.ShmSize, 16L * 1024 * 1024 },
            { "first to go", x => x.HostConfig!.OomScoreAdj, 500L },
            { "OOM killer on", x => x.HostConfig!.OomKillDisable, null },
            { "no network", x => x.HostConfig!.NetworkMode, "none" },
            { "no network device", x => x.NetworkDisabled, true },
            { "masked paths are the engine's", x => x.HostConfig!.MaskedPaths, null },
            { "read-only paths are the engine's", x => x.HostConfig!.ReadonlyPaths, null },
            {
                "log capped",
                x =>
                    $"{x.HostConfig!.LogConfig!.Type} {x.HostConfig!.LogConfig!.Config!["max-size"]} {x.HostConfig!.LogConfig!.Config!["max-file"]}",
                "json-file 640m 2"
            },
            { "reaps orphans", x => x.HostConfig!.Init, true },
            { "never restarted", x => x.HostConfig!.RestartPolicy!.Name, RestartPolicyKind.No },
            { "removed by us", x => x.HostConfig!.AutoRemove, false },
            { "stopped at once by the engine itself", x => x.StopTimeout, TimeSpan.FromSeconds(1) },
            { "no health check", x => string.Join(',', x.Healthcheck!.Test!), "NONE" },
            { "command as array", x => string.Join('|', x.Entrypoint!.Skip(3)), "sh|sh|-c|true" },
            { "findable", x => x.Labels!["nightshift.attempt"], "run~task~1" },
            { "one possible name", x => x.Name, ContainerName.Of("run~task~1", Installation.Default) },
        };

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_profile_is_the_sealed_one(
        string row,
        Func<CreateContainerParameters, object?> read,
        object? expected
    ) => Assert.True(Equals(expected, read(Of(Spec()))), $"{row}: {read(Of(Spec()))}");

    [Fact]
    public void Swappiness_is_not_sent_to_cgroup_v2() =>
        Assert.Null(Of(Spec(), Engine with { CgroupVersion = 2 }).HostConfig!.MemorySwappiness);

    [Fact]
    public void AppArmor_is_asked_for_where_it_exists() =>
        Assert.Equal(
            ["no-new-privileges:true", "apparmor=docker-default"],
            Of(Spec(), Engine with { AppArmor = true }).HostConfig!.SecurityOpt!
        );

    [Fact]
    public void Scratch_space_fits_into_a_small_memory_limit()
    {
        var tmpfs = Of(Spec(memoryMiB: 16)).HostConfig!.Tmpfs!;
        Assert.Contains("size=8m", tmpfs["/tmp"], StringComparison.Ordinal);
        Assert.Contains("size=8m", tmpfs["/work"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_of_the_image_is_scratch_space_and_takes_the_place_of_none()
    {
        var tmpfs = Of(Spec(), volumes: ["/data", "/data/", "/tmp", "/work/"]).HostConfig!.Tmpfs!;
        Assert.Equal(["/data", "/tmp", "/work"], tmpfs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("rw,exec,nosuid,nodev,size=128m,mode=1777", tmpfs["/data"]);
        foreach (var own in (string[])["/tmp", "/work"])
            Assert.Equal(Of(Spec()).HostConfig!.Tmpfs![own], tmpfs[own]);
    }

    [Fact]
    public void The_size_of_tmp_is_what_the_task_asks_for() =>
        Assert.Contains(
            "size=400m",
            Of(Spec() with { TmpMiB = 400 }).HostConfig!.Tmpfs!["/tmp"],
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(0)]
    [InlineData(513)]
    public void A_tmp_that_does_not_fit_into_the_memory_is_a_mistake(int size) =>
        Assert.Contains("/tmp", (Spec() with { TmpMiB = size }).Mistake, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "/work")]
    [InlineData("/", "/work")]
    [InlineData("/app", "/app")]
    [InlineData("/rooted", "/rooted")]
    [InlineData("/root", "/work")] // nobody but root can enter it
    [InlineData("/root/app", "/work")]
    public void The_command_starts_where_the_image_says_if_that_can_be_entered(string image, string directory) =>
        Assert.Equal(directory, In(Image with { WorkingDirectory = image }).WorkingDir);

    [Fact]
    public void A_home_and_a_file_for_outputs_are_given_unless_the_task_names_them()
    {
        Assert.Equal(
            ["HOME=/work", "NIGHTSHIFT_OUTPUT=/tmp/nightshift-output", "TINI_KILL_PROCESS_GROUP=1"],
            Of(Spec()).Env
        );
        Assert.Equal(
            ["TINI_KILL_PROCESS_GROUP=1", "HOME=/tmp", "NIGHTSHIFT_OUTPUT=/work/o"],
            Of(Spec(), env: new() { ["HOME"] = "/tmp", ["NIGHTSHIFT_OUTPUT"] = "/work/o" }).Env
        );
    }

    [Fact]
    public void An_image_without_a_shell_gets_the_command_alone()
    {
        var made = In(Image with { HasShell = false });
        Assert.Equal(["sh", "-c", "true"], made.Entrypoint!);
        Assert.Equal(["HOME=/work"], made.Env);
    }

    static string Name(string attemptId) => ContainerName.Of(attemptId, Installation.Default);

    [Fact]
    public void The_name_reads_like_the_id_and_differs_where_ids_do()
    {
        Assert.Matches("^nightshift-run[.]task[.]1-[0-9a-f]{16}$", Name("run~task~1"));
        Assert.Matches("^nightshift-run[.]group[.]task[.]7[.]1-[0-9a-f]{16}$", Name("run~group.task:7~1"));
        Assert.Matches("^nightshift-a{150}-[0-9a-f]{16}$", Name(new string('a', 300)));
        string[] alike = ["r.t~1", "r~t~1", "r~t.1"];
        Assert.Equal(3, alike.Select(Name).Distinct().Count());
        Assert.NotEqual(Name(new string('a', 300)), Name(new string('a', 301)));
    }

    [Theory]
    [InlineData(false, true, true, true, "memory")]
    [InlineData(true, false, true, true, "processes")]
    [InlineData(true, true, false, true, "CPU")]
    [InlineData(true, true, true, false, "system calls")]
    public void An_engine_that_cannot_confine_is_refused(bool memory, bool pids, bool cpu, bool seccomp, string word) =>
        Assert.Contains(
            word,
            (Engine with { LimitsMemory = memory, LimitsPids = pids, LimitsCpu = cpu, Seccomp = seccomp }).Refusal,
            StringComparison.Ordinal
        );

    [Fact]
    public void An_engine_that_can_confine_is_not() => Assert.Null(Engine.Refusal);

    // Everything the spec may choose is blanked out; what is left must be the same for every spec.
    [Property]
    public bool No_input_reaches_a_field_it_may_not(
        NonEmptyString image,
        NonEmptyString[] command,
        NonEmptyString name,
        string? value,
        PositiveInt memory,
        PositiveInt cpus
    )
    {
        var spec = Spec(image.Get, [.. command.Select(x => x.Get)], 256 + memory.Get % 100_000, cpus.Get / 100.0);
        var made = Of(spec, env: new() { [name.Get] = value ?? "" });
        return Fixed(made) == Fixed(Of(Spec()));
    }

    static string Fixed(CreateContainerParameters x)
    {
        var json = JsonSerializer.SerializeToNode(x)!.AsObject();
        foreach (var free in (string[])["Image", "Entrypoint", "Env"])
            json.Remove(free);
        var host = json["HostConfig"]!.AsObject();
        foreach (var free in (string[])["Memory", "MemorySwap", "NanoCpus", "NanoCPUs"])
            host.Remove(free);
        foreach (var folder in (string[])["/tmp", "/work"])
            host["Tmpfs"]![folder] = string.Join(
                ',',
                host["Tmpfs"]![folder]!
                    .GetValue<string>()
                    .Split(',')
                    .Where(x => !x.StartsWith("size=", StringComparison.Ordinal))
            );
        return json.ToJsonString();
    }
}
