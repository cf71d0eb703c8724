namespace Nightshift.DagFiles.Tests;

/// <summary>
/// The version of a file is a hash that runs and catalogues keep: these files have theirs from before there was a table
/// of fields, and must keep them whatever the table learns.
/// </summary>
public sealed class DagVersionTables
{
    const string Everything = """
        dag: everything
        schedule:
          cron: ["0 9 * * 1-5", "30 18 * * FRI#2"]
          timezone: Europe/Berlin
          start: 2026-03-01
          end: 2026-12-31T12:00Z
          interval: 2h
          jitter: 5m
          on_gap: skip
          on_fold: both
        catchup: true
        on:
          push: { repositories: [acme/site, "!acme/old"], branches: main, paths: ["src/**"] }
        dagrun_timeout: 2h
        params: { day: "{{ ds }}", full: True, limit: 100, note: }
        defaults:
          image: alpine:3
          env: { A: "1", B: 2.50 }
          retries: 2
          retry_delay: 1m
          retry_exponential_backoff: 1.5
          max_retry_delay: 1h
          no_retry_on_exit_code: [64, 2]
          timeout: 10m
          memory: 1GiB
          tmp: 100MiB
          cpus: 0.5
          queue: gpu
          stderr: separate
        tasks:
          prepare: { setup: true, run: "echo $A" }
          choose:
            needs: [prepare]
            branch: next
            run_if: params.full
            run: |
              echo "::output next=small"
          small:
            needs: choose
            command: [sh, -c, "exit 99"]
            env: { A: ~, C: "{{ tasks.choose.output.rows | default: 0 }}" }
            skip_on_exit_code: 99
          large:
            needs: [choose]
            run: ls
            stderr: joined
            retry_exponential_backoff: false
            retries: 0x3
            skip_if: params.limit > 10
          check:
            needs: [small, large]
            run: ls
            trigger_rule: none_failed_min_one_success
            short_circuit: go
            ignore_downstream_trigger_rules: false
          clean_up: { needs: [prepare, check], noop: true, teardown: true, on_failure_fail_dagrun: true }
        """;

    const string Every = """
        dag: every
        schedule: { every: 1mo, start: 2026-01-31T09:00, timezone: Asia/Tokyo, catchup: true }
        fail_fast: true
        tasks: { a: { run: ls }, b: { needs: a, run: "true" } }
        """;

    const string Instants = """
        dag: instants
        timezone: America/New_York
        schedule: { at: ["2026-03-02 09:00", 2026-03-01T09:00Z, 2026-03-02T09:00] }
        tasks: { a: { command: ls } }
        """;

    const string Immediate = """
        dag: immediate
        schedule: { cron: "@daily", run_immediately: auto, timezone: Europe/Berlin }
        tasks: { a: { command: [ls, 1.0, 'yes', off] } }
        """;

    [Theory]
    [InlineData("{ dag: minimal, tasks: { t: { noop: true } } }", "1f097c06cd1f")]
    [InlineData(Everything, "baea26fcfa54")]
    [InlineData(Every, "b63121ea1249")]
    [InlineData(Instants, "e63f86fe27af")]
    [InlineData(Immediate, "c7a756f876b7")]
    public void A_file_keeps_its_version(string yaml, string version)
    {
        var reading = DagFile.Read(yaml);
        Assert.Empty(reading.Mistakes);
        Assert.Equal(version, reading.Spec!.Version());
    }
}
