namespace Nightshift.Cli.Dags.Import.Crontab;

/// <summary>One line of a crontab that runs something.</summary>
/// <param name="Line">Its number in the file, from 1.</param>
/// <param name="When">The five fields, or a name such as <c>@daily</c>.</param>
/// <param name="User">The user it runs as; null in a user's own crontab.</param>
/// <param name="Command">The command, with <c>\%</c> as <c>%</c>.</param>
/// <param name="Input">What stands behind the first <c>%</c>, for standard input; null for none.</param>
/// <param name="Env">The variables set above it: value and line.</param>
/// <param name="Comments">The comment lines directly above it.</param>
sealed record CrontabJob(
    int Line,
    string When,
    string? User,
    string Command,
    string? Input,
    IReadOnlyDictionary<string, (string Value, int Line)> Env,
    IReadOnlyList<string> Comments
);
