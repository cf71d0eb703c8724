using System.Net;

namespace Nightshift.Cli.Client;

/// <summary>The answer is no: shown as its text and nothing else.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">What is wrong and what to do about it.</param>
public sealed class AnswerException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>The answer's HTTP status; null when there was none.</summary>
    public HttpStatusCode? Status { get; init; }
}
