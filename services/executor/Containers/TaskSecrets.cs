using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Plumbing.Secrets;

namespace Nightshift.Executor.Containers;

/// <summary>An environment with its secrets filled in. Lives in memory only.</summary>
/// <param name="Env">Names and values.</param>
/// <param name="Secrets">The values that must not be seen; of one with several lines, each line.</param>
public sealed record FilledEnvironment(IReadOnlyDictionary<string, string> Env, IReadOnlyList<string> Secrets);

/// <summary>Fills in <c>secret:NAME</c> at the last moment.</summary>
public sealed class TaskSecrets(SecretStore store)
{
    /// <summary>Fills in an environment.</summary>
    /// <exception cref="TaskCannotRunException">A secret is missing, or the system's own.</exception>
    public async Task<FilledEnvironment> Fill(
        IReadOnlyDictionary<string, string> env,
        CancellationToken cancellationToken
    )
    {
        var (filled, secrets) = (new Dictionary<string, string>(env), new List<string>());
        foreach (
            var (name, value) in env.Where(x => x.Value.StartsWith(StartAttempt.SecretPrefix, StringComparison.Ordinal))
        )
        {
            var secret = value[StartAttempt.SecretPrefix.Length..];
            if (store.IsOfTheSystem(secret))
                throw new TaskCannotRunException(
                    Reasons.Refused,
                    $"The secret '{secret}' for {name} is the system's own and no task gets it; "
                        + "store what the task needs under another name"
                );
            filled[name] =
                await store.FindText(secret, cancellationToken)
                ?? throw new TaskCannotRunException(
                    Reasons.Refused,
                    $"The secret '{secret}' for {name} was not found; "
                        + "store it under that name, in lower-case letters, digits and dashes"
                );
            secrets.AddRange(Lines(filled[name]));
        }
        return new(filled, secrets);
    }

    // Output is masked line by line.
    static IEnumerable<string> Lines(string secret) =>
        secret.Split('\n').Select(x => x.TrimEnd('\r')).Where(x => x.Length > 0);
}
