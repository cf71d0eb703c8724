namespace Nightshift.Plumbing.Status;

/// <summary>What one service says of itself on the status page; the gateway knows its name.</summary>
/// <param name="State">One or two words: <c>Healthy</c>, <c>Running</c>, <c>Quiet</c>.</param>
/// <param name="Ok">False when a person should look.</param>
/// <param name="Since">When the service started (UTC).</param>
/// <param name="Actions">What it did lately, newest first.</param>
public sealed record ServiceStatus(string State, bool Ok, DateTimeOffset Since, IReadOnlyList<RecentAction> Actions);

/// <summary>Something done lately.</summary>
/// <param name="At">When (UTC).</param>
/// <param name="Text">One short line: <c>Restarted web</c>.</param>
public sealed record RecentAction(DateTimeOffset At, string Text);

/// <summary>A service's answer to "how are you", from live facts.</summary>
public interface IStatusReport
{
    /// <summary>
    /// State and whether all is well. The plumbing looks by itself at what any service may suffer from
    /// (<see cref="ServiceProblems"/>), and reads the actions from the log.
    /// </summary>
    Task<(string State, bool Ok)> Read(CancellationToken cancellationToken);
}
