using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Nightshift.Testing;

/// <summary>Keeps every line that the service under test logs.</summary>
public sealed class ListLogger : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<string> lines = [];

    /// <summary>What was logged, in order.</summary>
    public IReadOnlyList<string> Lines => [.. lines];

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => lines.Enqueue(formatter(state, exception));

    /// <inheritdoc/>
    public void Dispose() { }
}
