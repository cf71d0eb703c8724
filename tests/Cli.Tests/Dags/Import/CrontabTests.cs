using Nightshift.Cli.Dags.Import;
using Nightshift.Cli.Dags.Import.Crontab;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Dags.Import;

public sealed class CrontabTests
{
    static ImportResult Import(string crontab, bool system = false, string timezone = "UTC") =>
        CrontabImport.Of(crontab, system, timezone, image: null);

    [Fact]
    public void A_crontab_becomes_a_DAG_for_each_line()
    {
        var result = Import(
            """
            PATH=/opt/bin:/usr/bin
            CRON_TZ = "Europe/Berlin"

            # Keeps two weeks.
            #  Ask: the storage team
            30 2 * * 1-5 /opt/bin/backup.sh --keep 14; echo "done: $?"
            @daily       cd /srv && php artisan prune
            """
        );
        Assert.True(result.IsComplete);
        Assert.Equal(["backup", "artisan"], result.Dags.Select(x => x.Dag));
        Assert.Equal(
            """
            # Line 6 of a crontab: 30 2 * * 1-5 /opt/bin/backup.sh --keep 14; echo "done: $?"
            # Keeps two weeks.
            # Ask: the storage team
            dag: backup
            schedule: "30 2 * * 1-5"
            timezone: Europe/Berlin
            tasks:
              run:
                run: |-
                  set +e
                  /opt/bin/backup.sh --keep 14; echo "done: $?"
                env:
                  PATH: "/opt/bin:/usr/bin"
                timeout: 7d

            """,
            result.Dags[0].Content
        );
        Assert.All(result.Dags, x => x.Spec());
    }

    // cron's own rules for a line, and what the task runs
    [Theory]
    [InlineData("* * * * * a", "a", null)]
    [InlineData("*\t*  * * *\ta b", "a b", null)]
    [InlineData("-0 5 * * * quiet", "quiet", null)]
    [InlineData("0 5 * * * date +\\%F", "date +%F", null)]
    [InlineData("0 5 * * * cat%one%two\\%", "cat", "one\ntwo%")]
    [InlineData("0 5 * * * cat %", "cat", "")]
    [InlineData("0 5 * * * X=1 y", "X=1 y", null)]
    public void A_line_is_read_as_cron_reads_it(string line, string command, string? input)
    {
        var (jobs, problems) = CrontabReader.Read(line, system: false);
        Assert.Empty(problems);
        Assert.Equal((command, input), (jobs[0].Command, jobs[0].Input));
    }

    [Theory]
    [InlineData("A=b", "A", "b")]
    [InlineData(" A = b c ", "A", "b c")]
    [InlineData("A=\" b \"", "A", " b ")]
    [InlineData("'A'='b'", "A", "b")]
    [InlineData("A=", "A", "")]
    [InlineData("A=b=c", "A", "b=c")]
    public void A_variable_is_read_as_cron_reads_it(string line, string name, string value) =>
        Assert.Equal(value, CrontabReader.Read($"{line}\n* * * * * x", system: false).Jobs[0].Env[name].Value);

    [Theory]
    [InlineData("0 9 * * 1-5", "0 9 * * 1-5")]
    [InlineData("5-5 9 * * mon-mon", "5 9 * * mon")] // a single value here is every value in Airflow
    [InlineData("0 9 */1 * 1", "0 9 * * 1")]
    [InlineData("@Daily", "@daily")]
    [InlineData("@every_minute", "* * * * *")]
    [InlineData("0 0 1,15 * 1", "0 0 1,15 * 1")] // either, in cron too
    [InlineData("0 0 */2 * 1", null)] // both in cron, either in Airflow
    [InlineData("0~30 0 * * *", null)]
    [InlineData("0 0 30 2 *", null)]
    [InlineData("61 0 * * *", null)]
    [InlineData("@reboot", null)]
    [InlineData("@fortnightly", null)]
    public void Times_mean_what_they_meant(string when, string? cron)
    {
        var (found, problem) = CrontabSchedule.Of(when);
        Assert.Equal((cron, cron is null), (found, problem is not null));
    }

    [Theory]
    [InlineData("/usr/local/bin/backup.sh --all", "backup")]
    [InlineData("cd /srv/app && ./bin/report.py > /dev/null 2>&1", "report")]
    [InlineData("test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )", "run-parts-cron-daily")]
    [InlineData("perl -e 'sleep int(rand(99))' && certbot -q renew", "certbot")]
    [InlineData("LANG=C sudo nice -n 10 flock -n /tmp/x.lock timeout 5m /opt/sync", "sync")]
    [InlineData("python3 -m shop.nightly", "shop-nightly")]
    [InlineData("/usr/bin/certbot renew -q", "certbot-renew")]
    [InlineData("[ -f /x ] && rm /x", "rm")]
    [InlineData("\"/opt/my tool/start\"", "start")]
    [InlineData("__x__", "x")]
    [InlineData("日本", "job")]
    [InlineData("cd /tmp", "job")]
    public void A_DAG_is_named_after_what_its_line_runs(string command, string name) =>
        Assert.Equal(name, Import($"* * * * * {command}").Dags[0].Dag);

    [Fact]
    public void Lines_that_run_the_same_keep_their_names_when_others_come_between()
    {
        var before = Import("0 1 * * * /bin/x a\n0 2 * * * /bin/x B").Dags.Select(x => x.Dag).ToList();
        var after = Import("0 1 * * * /bin/x a\n0 3 * * * /bin/x C\n0 2 * * * /bin/x B\n0 2 * * * /bin/x B").Dags;
        Assert.Equal(before[0], after[0].Dag);
        Assert.Equal(before[1], after[2].Dag);
        Assert.Equal(4, after.Select(x => x.Dag).Distinct().Count());
    }

    [Theory]
    [InlineData("MAILTO=root\n* * * * * x", "MAILTO", "line 1")]
    [InlineData("HOME=/srv\n* * * * * x", "HOME", "line 1")]
    [InlineData("A-B=1\n* * * * * x", "A-B", "line 1")]
    [InlineData("A=secret:key\n* * * * * x", "A", "line 1")] // would read a secret
    [InlineData("CRON_TZ=Mars/Base\n* * * * * x", "CRON_TZ", "line 1")]
    [InlineData("RANDOM_DELAY=many\n* * * * * x", "RANDOM_DELAY", "line 1")]
    [InlineData("@reboot x", "schedule", "line 1")]
    [InlineData("\n* * * *", "line", "line 2")]
    [InlineData("* * * * * x \uFFFD", "line", "line 1")]
    public void What_is_left_out_is_named_with_its_line(string crontab, string field, string where)
    {
        var result = Import(crontab);
        var found = Assert.Single(result.LeftOut.Concat(result.Dags.SelectMany(x => x.LeftOut)));
        Assert.Equal((field, where), (found.Field, found.Where));
    }

    [Fact]
    public void A_system_crontab_names_a_user()
    {
        var result = Import("17 * * * * root run-hourly\n0 0 * * * alone", system: true);
        Assert.Equal(["user"], result.Dags[0].LeftOut.Select(x => x.Field));
        Assert.EndsWith("run-hourly", result.Dags[0].Spec().Tasks[0].Command[^1], StringComparison.Ordinal);
        Assert.Equal(["user"], result.LeftOut.Select(x => x.Field));
    }

    [Fact]
    public void Times_without_a_zone_are_meant_in_the_zone_of_the_machine()
    {
        var dags = Import(
            "0 1 * * * a\nCRON_TZ=Asia/Tokyo\nRANDOM_DELAY=15\n0 2 * * * b",
            timezone: "Europe/Paris"
        ).Dags;
        var (first, second) = (dags[0].Spec().Schedule!, dags[1].Spec().Schedule!);
        Assert.Equal(("Europe/Paris", "Asia/Tokyo"), (first.Timezone, second.Timezone));
        Assert.Equal((null, TimeSpan.FromMinutes(15)), (first.Jitter, second.Jitter));
        Assert.Throws<ProblemException>(() => Import("0 1 * * * a", timezone: "Local"));
    }

    [Theory]
    [InlineData("* * * * * false; echo on", "on\n")] // cron's shell goes on after a command that fails
    [InlineData("* * * * * cat%one%it's {{ ds }}", "one\nit's {{ ds }}\n")]
    [InlineData("A=it's {{ run_id }}\n* * * * * echo \"$A\"", "it's {{ run_id }}\n")]
    [InlineData("* * * * * echo '{{ ds }}'", "{{ ds }}\n")]
    [InlineData("SHELL=/bin/bash\n* * * * * [[ a == a ]] && echo {1..3}", "1 2 3\n")]
    [InlineData("SHELL=/bin/bash\n* * * * * read -r x; echo \"${x^^}\"%it's", "IT'S\n")]
    public async Task A_task_prints_what_the_line_printed(string crontab, string printed)
    {
        var task = Import(crontab).Dags[0].Spec().Tasks[0];
        var env = task.Env.ToDictionary(x => x.Key, x => ImportedFile.Rendered(x.Value));
        Assert.Equal(printed, await ImportedFile.Bash(task.Command, env));
    }

    [Fact]
    public void A_crontab_without_lines_is_a_problem() =>
        Assert.Throws<ProblemException>(() => Import("# nothing\nA=b\n"));
}
