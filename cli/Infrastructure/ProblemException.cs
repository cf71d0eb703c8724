namespace Nightshift.Cli.Infrastructure;

/// <summary>Something the reader can put right: shown as its text and nothing else, exit code 1.</summary>
/// <param name="message">What is wrong and what to do about it, in whole sentences.</param>
public class ProblemException(string message) : Exception(message);
