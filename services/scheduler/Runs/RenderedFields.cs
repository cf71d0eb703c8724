namespace Nightshift.Scheduler.Runs;

/// <summary>
/// What an attempt was asked to do after rendering, under the names of a DAG file. It is what <see cref="TaskQueued"/>
/// has, so nothing is stored for it, and it is kept as long as the run.
/// </summary>
/// <param name="Image">Image of its container; empty for a task that does nothing.</param>
/// <param name="Command">Argument vector.</param>
/// <param name="Env">Environment, by name. A secret is there by its name, as <c>secret:NAME</c>; another value of a
/// variable that looks like a secret's is <see cref="Mask"/>.</param>
/// <param name="Timeout">How long it may run, in seconds.</param>
/// <param name="Memory">Hard memory limit, MiB.</param>
/// <param name="Cpus">Hard processor limit, cores.</param>
/// <param name="Queue">The executor queue.</param>
sealed record RenderedFields(
    string Image,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Env,
    double Timeout,
    int Memory,
    double Cpus,
    string Queue
)
{
    /// <summary>What stands for a value that is not shown, as in Airflow.</summary>
    public const string Mask = "***";

    /// <param name="work">The work, with what is stored beside the run's stream.</param>
    public static RenderedFields Of(AttemptWork work) =>
        new(
            work.Image,
            work.Command,
            work.Env.ToDictionary(x => x.Key, x => Shown(x.Key, x.Value)),
            work.Timeout.TotalSeconds,
            work.MemoryMiB,
            work.Cpus,
            work.Queue
        );

    // A reference is in the DAG file already; what a param or an output gave to such a name may be a secret itself.
    static string Shown(string name, string value) =>
        !SecretNames.LooksSecret(name)
        || value.StartsWith(Contracts.StartAttempt.SecretPrefix, StringComparison.Ordinal)
            ? value
            : Mask;
}
