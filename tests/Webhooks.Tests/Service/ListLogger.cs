using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Nightshift.Webhooks.Tests.Service;

/// <summary>Keeps every line that the service under test logs.</summary>
sealed class ListLogger : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<string> lines = [];

    public IReadOnlyList<string> Lines => [.. lines];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => lines.Enqueue(formatter(state, exception));

    public void Dispose() { }
}
