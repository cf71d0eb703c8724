using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Logs;

/// <summary>Tells readers in this process that the log of an attempt, named by its id, has grown or ended.</summary>
public sealed class LogSignals : Watches;
