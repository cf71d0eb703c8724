using System.Globalization;
using Nightshift.DagFiles;
using Nightshift.Timetables;

namespace Nightshift.Cli.Dags.Import.Crontab;

/// <summary>The DAG of one line of a crontab.</summary>
/// <param name="job">The line.</param>
/// <param name="timezone">The zone of its times without <c>CRON_TZ</c>.</param>
/// <param name="image">The image of its task; null for the default.</param>
sealed class CrontabDag(CrontabJob job, string timezone, string? image)
{
    const string InputVariable = "CRON_INPUT";

    static readonly string[] NotForTheCommand =
    [
        "SHELL",
        "CRON_TZ",
        "MAILTO",
        "MAILFROM",
        "RANDOM_DELAY",
        "CONTENT_TYPE",
        "CONTENT_TRANSFER_ENCODING",
        "LOGNAME",
        "USER",
    ];

    readonly ImportFindings findings = new();

    string Where => $"line {job.Line}";

    public ImportedDag Import(CrontabNames names)
    {
        var source = $"line {job.Line} ({CrontabReader.Shown(job.Command)})";
        var (cron, problem) = CrontabSchedule.Of(job.When);
        if (cron is null)
            findings.Lose(Where, "schedule", problem!);
        var (zone, task) = (Zone(), Task());
        if (cron is null || zone is null || task is null)
            return new(source, null, null, findings.LeftOut, findings.Notes);
        var dag = names.Of(job);
        var root = new YamlMap()
            .Add("dag", dag)
            .Add("schedule", Schedule(cron))
            .Add("timezone", zone is TimeZones.Utc or "Etc/UTC" ? null : zone)
            .Add("tasks", new YamlMap().Add("run", task));
        return new(source, dag, DagYaml.Write(Comments(), root), findings.LeftOut, findings.Notes);
    }

    IEnumerable<string> Comments() =>
        [
            $"Line {job.Line} of a crontab: {job.When} {job.Command}",
            .. job.Comments,
            .. findings.LeftOut.Select(x => $"Left out: {x.Field}: {x.Text}"),
        ];

    string? Zone()
    {
        if (!job.Env.TryGetValue("CRON_TZ", out var set) || TimeZones.Find(set.Value) is not null)
            return set.Value ?? timezone;
        findings.Lose($"line {set.Line}", "CRON_TZ", $"'{set.Value}' is no time zone, so the line has no schedule");
        return null;
    }

    // cronie delays each start by up to so many minutes.
    object Schedule(string cron)
    {
        if (!job.Env.TryGetValue("RANDOM_DELAY", out var delay))
            return cron;
        if (
            int.TryParse(delay.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            && minutes is > 0 and <= 1440
        )
            return new YamlMap(flow: true).Add("cron", cron).Add("jitter", new YamlPlain($"{minutes}m"));
        if (delay.Value != "0")
            findings.Lose($"line {delay.Line}", "RANDOM_DELAY", "It is no number of minutes up to 1440; add 'jitter'");
        return cron;
    }

    YamlMap? Task()
    {
        if (job.User is { } user)
            findings.Lose(Where, "user", $"The command does not run as {user}: containers have an ordinary user");
        var (task, env) = (new YamlMap().Add("image", image), Env());
        var shell = job.Env.TryGetValue("SHELL", out var set) && set.Value.Length > 0 ? set.Value : "/bin/sh";
        if (!AddWork(task, env, shell))
        {
            findings.Lose(Where, "command", "It is longer than the 128 KiB that a program takes; put it into a script");
            return null;
        }
        // cron lets a command run for as long as it takes
        return task.Add("env", env).Add("timeout", new YamlPlain(Durations.Write(TaskSpec.LongestDuration)));
    }

    bool AddWork(YamlMap task, YamlMap env, string shell)
    {
        if (job.Input is not { } input)
            return ShellTask.AddLine(task, env, shell, job.Command);
        input = LiquidText.Literal(input);
        if (!ShellTask.Fits(input))
            return false;
        env.Add(InputVariable, input);
        var line = ShellTask.Quoted(job.Command);
        return ShellTask.AddLine(
            task,
            env,
            "/bin/sh",
            $"printf '%s\\n' \"${InputVariable}\" | {ShellTask.Quoted(shell)} -c {line}"
        );
    }

    YamlMap Env()
    {
        var env = new YamlMap();
        foreach (var (name, (value, line)) in job.Env.Where(x => !NotForTheCommand.Contains(x.Key)))
            if (EnvironmentVariable.Mistake(name, LiquidText.Literal(value)) is { } mistake)
                findings.Lose($"line {line}", name, mistake);
            else
                env.Add(name, LiquidText.Literal(value));
        if (job.Env.TryGetValue("HOME", out var home))
            findings.Lose($"line {home.Line}", "HOME", "cron starts the command there; here it starts in /work");
        return env;
    }
}
