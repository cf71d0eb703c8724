namespace Nightshift.Cli.Dags.Import;

/// <summary>What a task runs has no counterpart here; the message says why, without a full stop.</summary>
sealed class NotCarriedOverException(string message) : Exception(message);
