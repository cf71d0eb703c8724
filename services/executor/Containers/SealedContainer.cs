using System.Globalization;
using Docker.DotNet.Models;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Containers;

/// <summary>
/// The one shape of container a task gets. An allow-list: the spec chooses image, command, environment, memory and CPU,
/// and nothing else of it reaches the engine. Why each line is there: CIS Docker benchmark section 5, and what the
/// engine was seen to do.
/// </summary>
public static class SealedContainer
{
    /// <summary>Label with the attempt's id; the reconciliation finds containers by it.</summary>
    public const string AttemptLabel = "nightshift.attempt";

    /// <summary>Label with the installation's id: containers of others are never touched.</summary>
    public const string InstallationLabel = "nightshift.installation";

    /// <summary>Nobody: no file of the image and no process of the host belongs to it.</summary>
    public const string User = "65534:65534";

    /// <summary>Where the command starts; writable, gone with the container.</summary>
    public const string WorkDirectory = "/work";

    /// <summary>Processes and threads at most; enough for a build, not for a fork bomb.</summary>
    public const int Pids = 128;

    /// <summary>Time between asking the command to end and killing it.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    const long MiB = 1024 * 1024;

    /// <summary>Describes the container of one attempt.</summary>
    /// <param name="key">Which attempt; names the container.</param>
    /// <param name="spec">A spec without mistake.</param>
    /// <param name="env">The environment with secrets filled in.</param>
    /// <param name="volumes">The paths the image declares as volumes.</param>
    /// <param name="engine">What the engine can do.</param>
    /// <param name="installation">The installation's id.</param>
    public static CreateContainerParameters Of(
        AttemptKey key,
        AttemptSpec spec,
        IReadOnlyDictionary<string, string> env,
        IReadOnlyList<string> volumes,
        EngineInfo engine,
        string installation
    ) =>
        new()
        {
            Name = ContainerName.Of(key.AttemptId, installation),
            Image = spec.Image,
            // an array, never a shell line; replaces the image's own entrypoint
            Entrypoint = spec.Command.IsEmpty ? null! : [.. spec.Command],
            Env = [.. Home(env), .. env.Select(x => $"{x.Key}={x.Value}")],
            User = User,
            WorkingDir = WorkDirectory,
            NetworkDisabled = true,
            // an image's health check is one more process inside
            Healthcheck = new HealthcheckConfig { Test = ["NONE"] },
            StopTimeout = StopGrace,
            Labels = new Dictionary<string, string>
            {
                [AttemptLabel] = key.AttemptId,
                [InstallationLabel] = installation,
                ["nightshift.dag"] = key.DagId,
                ["nightshift.run"] = key.RunId,
                ["nightshift.task"] = key.TaskId,
            },
            HostConfig = HostConfig(spec, volumes, engine),
        };

    static HostConfig HostConfig(AttemptSpec spec, IReadOnlyList<string> volumes, EngineInfo engine) =>
        new()
        {
            CapDrop = ["ALL"],
            SecurityOpt =
            [
                "no-new-privileges:true",
                .. engine.AppArmor ? ["apparmor=docker-default"] : Array.Empty<string>(),
            ], // seccomp: the engine's default stays on
            Privileged = false,
            IpcMode = "private",
            CgroupnsMode = "private",
            NetworkMode = "none",
            ReadonlyRootfs = true,
            Tmpfs = Tmpfs(spec, volumes),
            Memory = spec.MemoryMiB * MiB,
            MemorySwap = spec.MemoryMiB * MiB, // equal means no swap
            MemorySwappiness = engine.CgroupVersion == 1 ? 0 : null, // cgroup v2 has no such thing and refuses it
            NanoCPUs = (long)Math.Round(spec.Cpus * 1_000_000_000),
            PidsLimit = Pids,
            // No nproc: it counts per user across the whole host, so containers would limit each other.
            Ulimits = [Limit("nofile", 1024), Limit("core", 0), Limit("fsize", 1024 * MiB)],
            ShmSize = Math.Min(16, spec.MemoryMiB) * MiB,
            OomScoreAdj = 500, // when the host itself runs short, tasks go first
            LogConfig = new LogConfig
            {
                Type = "json-file",
                Config = new Dictionary<string, string> { ["max-size"] = "10m", ["max-file"] = "1" },
            },
            Init = true, // reaps orphans and passes signals on
            RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No },
            AutoRemove = false, // the engine's own removal races with reading logs and exit state
        };

    // All of it counts as memory: a full disk before a kill. A volume of the image would be a folder of the host,
    // without limit, so that is scratch space too.
    static Dictionary<string, string> Tmpfs(AttemptSpec spec, IReadOnlyList<string> volumes)
    {
        var scratch = $"rw,noexec,nosuid,nodev,size={Size(Math.Clamp(spec.MemoryMiB / 4, 1, 64))},mode=1777";
        var tmpfs = volumes.Select(x => x.TrimEnd('/')).Distinct().ToDictionary(x => x, _ => scratch);
        tmpfs["/tmp"] = scratch;
        tmpfs[WorkDirectory] =
            $"rw,exec,nosuid,nodev,size={Size(Math.Max(1, spec.MemoryMiB / 2))},mode=0700,uid=65534,gid=65534";
        return tmpfs;
    }

    // An image's user has a home; nobody has not, and many tools write there.
    static IEnumerable<string> Home(IReadOnlyDictionary<string, string> env) =>
        env.ContainsKey("HOME") ? [] : [$"HOME={WorkDirectory}"];

    static Ulimit Limit(string name, long value) =>
        new()
        {
            Name = name,
            Soft = value,
            Hard = value,
        };

    static string Size(int mib) => string.Create(CultureInfo.InvariantCulture, $"{mib}m");
}
