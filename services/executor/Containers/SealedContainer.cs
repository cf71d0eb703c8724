using System.Globalization;
using Docker.DotNet.Models;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Containers;

/// <summary>
/// The one shape of container a task gets. An allow-list: the spec chooses image, command, environment, memory, CPU and
/// the size of /tmp, and nothing else of it reaches the engine. Why each line is there: CIS Docker benchmark section 5,
/// and what the engine was seen to do.
/// </summary>
public static class SealedContainer
{
    const long MiB = 1024 * 1024;

    /// <summary>Label with the attempt's id; the reconciliation finds containers by it.</summary>
    public const string AttemptLabel = "nightshift.attempt";

    /// <summary>Label with the installation's id: containers of others are never touched.</summary>
    public const string InstallationLabel = "nightshift.installation";

    /// <summary>Nobody: no file of the image and no process of the host belongs to it.</summary>
    public const string User = "65534:65534";

    /// <summary>
    /// Writable, gone with the container; the command's home, and where it starts when the image names no directory.
    /// </summary>
    public const string WorkDirectory = "/work";

    /// <summary>
    /// Bytes the engine keeps of a container's log in one file, before it begins a second. A log of
    /// <see cref="Logs.LogWindow.Most"/> fits in whole, whatever its lines: at worst a character each, which the
    /// engine writes as 78 bytes. Nothing of it is lost however late its reader comes.
    /// </summary>
    public const long LogFileBytes = 640 * MiB;

    /// <summary>Processes and threads at most; enough for a build, not for a fork bomb.</summary>
    public const int Pids = 128;

    /// <summary>Time between asking the command to end and killing it.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The same when the engine itself decides to end it: as it goes, or as it finds the container after its own death.
    /// It answers nobody before that is done, and the attempt is repeated anyway.
    /// </summary>
    public static readonly TimeSpan EngineStopGrace = TimeSpan.FromSeconds(1);

    /// <summary>Describes the container of one attempt.</summary>
    /// <param name="key">Which attempt; names the container.</param>
    /// <param name="spec">A spec without mistake.</param>
    /// <param name="env">The environment with secrets filled in.</param>
    /// <param name="image">What the image says.</param>
    /// <param name="engine">What the engine can do.</param>
    /// <param name="installation">The installation's id.</param>
    public static CreateContainerParameters Of(
        AttemptKey key,
        AttemptSpec spec,
        IReadOnlyDictionary<string, string> env,
        ImageFacts image,
        EngineInfo engine,
        string installation
    )
    {
        var shell = image.HasShell && !spec.Command.IsEmpty;
        return new()
        {
            Name = ContainerName.Of(key.AttemptId, installation),
            Image = spec.Image,
            // an array, never a shell line; replaces the image's own entrypoint
            Entrypoint =
                spec.Command.IsEmpty ? null!
                : shell ? [.. OutputScript.Around(spec.Command)]
                : [.. spec.Command],
            Env =
            [
                .. Given(shell)
                    .Where(x => !env.ContainsKey(x.Name))
                    .Concat(env.Select(x => (x.Key, x.Value)))
                    .Select(x => $"{x.Item1}={x.Item2}"),
            ],
            User = User,
            WorkingDir = Directory(image),
            NetworkDisabled = true,
            // an image's health check is one more process inside
            Healthcheck = new HealthcheckConfig { Test = ["NONE"] },
            StopTimeout = EngineStopGrace,
            Labels = new Dictionary<string, string>
            {
                [AttemptLabel] = key.AttemptId,
                [InstallationLabel] = installation,
                ["nightshift.dag"] = key.DagId,
                ["nightshift.run"] = key.RunId,
                ["nightshift.task"] = key.TaskId,
            },
            HostConfig = HostConfig(spec, image.Volumes, engine),
        };
    }

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
                // two files: what a reader has open is not overwritten under it
                Config = new Dictionary<string, string> { ["max-size"] = $"{LogFileBytes / MiB}m", ["max-file"] = "2" },
            },
            Init = true, // reaps orphans and passes signals on
            RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No },
            AutoRemove = false, // the engine's own removal races with reading logs and exit state
        };

    // All of it counts as memory: a full disk before a kill. A volume of the image would be a folder of the host,
    // without limit, so that is scratch space too. Programs may be run from all of it: a task may write any into /work
    // anyway, and builds and tests run what they put into /tmp.
    static Dictionary<string, string> Tmpfs(AttemptSpec spec, IReadOnlyList<string> volumes)
    {
        string Scratch(int mib) => $"rw,exec,nosuid,nodev,size={Size(Math.Max(1, mib))}";
        var volume = $"{Scratch(spec.MemoryMiB / 4)},mode=1777";
        var tmpfs = volumes.Select(x => x.TrimEnd('/')).Distinct().ToDictionary(x => x, _ => volume);
        tmpfs["/tmp"] = $"{Scratch(spec.TmpMiB ?? spec.MemoryMiB / 2)},mode=1777";
        tmpfs[WorkDirectory] = $"{Scratch(spec.MemoryMiB / 2)},mode=0700,uid=65534,gid=65534";
        return tmpfs;
    }

    // Root's home cannot be entered by anybody else.
    static string Directory(ImageFacts image) =>
        image.WorkingDirectory is "" or "/"
        || $"{image.WorkingDirectory}/".StartsWith("/root/", StringComparison.Ordinal)
            ? WorkDirectory
            : image.WorkingDirectory;

    // An image's user has a home; nobody has not, and many tools write there.
    static IEnumerable<(string Name, string Value)> Given(bool shell) =>
        shell
            ? [("HOME", WorkDirectory), (OutputScript.Variable, OutputScript.Path), (OutputScript.SignalGroup, "1")]
            : [("HOME", WorkDirectory)];

    static Ulimit Limit(string name, long value) =>
        new()
        {
            Name = name,
            Soft = value,
            Hard = value,
        };

    static string Size(int mib) => string.Create(CultureInfo.InvariantCulture, $"{mib}m");
}
