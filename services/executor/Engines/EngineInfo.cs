using System.Security.Cryptography;
using System.Text;

namespace Nightshift.Executor.Engines;

/// <summary>What an engine is and can enforce, from its <c>/info</c>.</summary>
/// <param name="EngineId">Short stable name made from the engine's own id; names the queue of commands for this
/// engine.</param>
/// <param name="Version">The engine's version.</param>
/// <param name="LimitsMemory">Memory limits work.</param>
/// <param name="LimitsPids">Limits on the number of processes work.</param>
/// <param name="LimitsCpu">CPU quotas work.</param>
/// <param name="CgroupVersion">1 or 2.</param>
/// <param name="Seccomp">System calls are filtered.</param>
/// <param name="AppArmor">AppArmor profiles are applied. Asking for one on an engine without it succeeds silently,
/// hence the look.</param>
public sealed record EngineInfo(
    string EngineId,
    string Version,
    bool LimitsMemory,
    bool LimitsPids,
    bool LimitsCpu,
    int CgroupVersion,
    bool Seccomp,
    bool AppArmor
)
{
    /// <summary>
    /// What the engine cannot do that a sealed container needs, as a sentence; null when it can do all of it.
    /// </summary>
    public string? Refusal
    {
        get
        {
            string[] missing =
            [
                .. new[]
                {
                    (LimitsMemory, "limit memory"),
                    (LimitsPids, "limit processes"),
                    (LimitsCpu, "limit CPU time"),
                    (Seccomp, "filter system calls"),
                }
                    .Where(x => !x.Item1)
                    .Select(x => x.Item2),
            ];
            return missing.Length == 0
                ? null
                : $"The Docker engine cannot {string.Join(", cannot ", missing)}; tasks would not be confined. "
                    + "Enable the cgroup controllers and seccomp there, or name another engine in Nightshift:Docker.";
        }
    }

    /// <summary>The short name of an engine.</summary>
    /// <param name="id">The engine's own id, whatever it looks like.</param>
    public static string ShortId(string id) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..12];
}
