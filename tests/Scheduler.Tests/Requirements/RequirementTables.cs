using Nightshift.Scheduler.Requirements;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Tests.Waiting;
using Nightshift.Scheduler.Waiting;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Requirements;

/// <summary>What <c>requires</c> says in a file, and when it is met.</summary>
public sealed class RequirementTables
{
    const string Tasks = "tasks: { x: { noop: true } }";

    [Theory]
    [InlineData("other", "other")]
    [InlineData("[other, more]", "other, more")]
    [InlineData("{ dag: other, within: 1d }", "other 1.00:00:00")]
    [InlineData("[more, { dag: other, within: 2h }]", "more, other 02:00:00")]
    public void A_DAG_may_require_others(string requires, string expected) =>
        Assert.Equal(
            expected,
            string.Join(
                ", ",
                Dag($"dag: d\nrequires: {requires}\n{Tasks}").Requires!.Select(x => $"{x.DagId} {x.Within}".Trim())
            )
        );

    [Theory]
    [InlineData("~")]
    [InlineData("[]")]
    public void Nothing_required_is_nothing_said(string requires)
    {
        var dag = Dag($"dag: d\nrequires: {requires}\n{Tasks}");
        Assert.Equal(Dag($"dag: d\n{Tasks}").Version(), dag.Version());
    }

    [Theory]
    [InlineData("d", "A DAG cannot require itself")]
    [InlineData("[a__b]", "'a__b' cannot be a DAG's name")]
    [InlineData("[a, a]", "'requires' names 'a' twice")]
    [InlineData("[a, { dag: a, within: 1d }]", "'requires' names 'a' twice")]
    [InlineData("{ within: 1d }", "names no DAG; add 'dag: name'")]
    [InlineData("{ dag: a, within: 0s }", "write a duration from 1s to 366d")]
    [InlineData("{ dag: a, since: 1d }", "has no key 'since'")]
    [InlineData("[[a]]", "must be text, not a list")]
    public void What_it_cannot_mean_is_a_mistake_on_its_line(string requires, string mistake)
    {
        var found = Assert.Single(DagFile.Read($"dag: d\nrequires: {requires}\n{Tasks}").Mistakes);
        Assert.Equal(2, found.Line);
        Assert.Contains(mistake, found.Text, StringComparison.Ordinal);
    }

    // state of the latest run │ hours ago │ within hours │ what is missing
    [Theory]
    [InlineData("success", 1, null, null)]
    [InlineData("success", 1, 1, null)]
    [InlineData(
        "success",
        2,
        1,
        "DAG 'other' has to succeed within 1h: its latest run r ended at 2026-03-01 07:00:00Z"
    )]
    [InlineData("failed", 1, null, "The latest run of DAG 'other' has to succeed: r failed at 2026-03-01 08:00:00Z")]
    [InlineData("running", null, null, "The latest run of DAG 'other' has to succeed: r is running")]
    [InlineData(null, null, null, "DAG 'other' has not run yet, and its latest run has to succeed")]
    public void It_is_met_by_a_success_of_the_latest_run(string? state, int? ago, int? within, string? missing)
    {
        var required = new RequiredDag(
            new("other") { Within = within is { } hours ? TimeSpan.FromHours(hours) : null },
            IsLive: true,
            state is null ? null : new("r", state, ago is { } x ? T0.AddHours(-x) : null),
            T0
        );
        Assert.Equal(missing is null, required.IsMet);
        if (missing is not null)
            Assert.Equal(missing, required.Reason());
    }

    [Fact]
    public void A_DAG_that_is_not_there_is_said_to_be_missing() =>
        Assert.Equal(
            "There is no DAG 'other', which this one requires",
            new RequiredDag(new("other"), IsLive: false, Latest: null, T0).Reason()
        );

    [Fact]
    public void A_run_of_a_DAG_that_requires_another_is_queued_and_a_backfill_s_is_not()
    {
        var dag = Dag($"dag: d\nrequires: other\n{Tasks}");
        var queued = Assert.IsType<RunQueued>(Assert.Single(RunDecider.Decide(Run.None, Start(dag))));
        Assert.Equal((T0, "other"), (queued.RunAfter, Assert.Single(queued.Requires!)));
        var backfill = RunDecider.Decide(Run.None, Start(dag) with { BackfillId = 1 });
        Assert.Equal((null, null), (((RunQueued)backfill[0]).RunAfter, ((RunQueued)backfill[0]).Requires));
    }

    [Fact]
    public void Its_tasks_say_what_they_wait_for()
    {
        var run = Run.Evolve(Run.None, Queued(Dag($"dag: d\nrequires: other\n{Tasks}")));
        var facts = WaitReasonSpecs.Nothing with { Required = [new(new("other"), IsLive: true, Latest: null, T0)] };
        var waits = Assert.Single(Assert.Single(WaitReasons.Of(run, facts)).Dependencies);
        Assert.Equal("requires", waits.Name);
        Assert.Contains("'other' has not run yet", waits.Reason, StringComparison.Ordinal);
    }
}
