using Nightshift.Cli.Infrastructure;
using Nightshift.Timetables;

namespace Nightshift.Cli.Dags.Import.Crontab;

/// <summary>Makes a DAG of each line of a crontab.</summary>
static class CrontabImport
{
    /// <param name="text">What <c>crontab -l</c> prints, or a file of <c>/etc/cron.d</c>.</param>
    /// <param name="system">The lines name a user after the times.</param>
    /// <param name="timezone">The zone of times without <c>CRON_TZ</c>.</param>
    /// <param name="image">The image of the tasks; null for the default.</param>
    /// <exception cref="ProblemException">Nothing in it is a line of a crontab, or the zone is unknown.</exception>
    public static ImportResult Of(string text, bool system, string timezone, string? image)
    {
        if (TimeZones.Find(timezone) is null)
            throw new ProblemException(
                $"'{timezone}' is no time zone; name one with --timezone, such as Europe/Berlin."
            );
        var (jobs, problems) = CrontabReader.Read(text, system);
        if (jobs.Count == 0 && problems.Count == 0)
            throw new ProblemException("There is no line with times and a command in it.");
        var names = new CrontabNames();
        return new(
            [.. jobs.Select(x => new CrontabDag(x, timezone, image).Import(names))],
            [.. problems, .. jobs.SelectMany(Mail).Distinct()]
        );
    }

    // Said once for each place where it is set, not for each line below it.
    static IEnumerable<ImportFinding> Mail(CrontabJob job) =>
        job
            .Env.Where(x => x.Key is "MAILTO" && x.Value.Value.Length > 0)
            .Select(x => new ImportFinding(
                $"line {x.Value.Line}",
                x.Key,
                "Output is not mailed; it is in the log of the run, and a failure opens an incident"
            ));
}
