using Nightshift.Bench.Chaos;

namespace Nightshift.Bench.Tests.Chaos;

public sealed class StreamCheckerTests
{
    const string Run = "manual__chaos-chain__1";

    [Fact]
    public void A_run_that_ends_with_one_success_of_each_task_keeps_every_promise() =>
        Assert.Empty(StreamChecker.Violations(new History().Expect(Run, "a").WholeRun(Run, 0).Until(9)));

    [Fact]
    public void A_task_that_is_tried_again_and_succeeds_once_keeps_every_promise() =>
        Assert.Empty(
            StreamChecker.Violations(
                new History()
                    .Expect(Run, "a")
                    .Run(0, Run, "run_queued")
                    .Run(1, Run, "task_requeued", "a", attempt: 1)
                    .Run(2, Run, "task_succeeded", "a", attempt: 2)
                    .Run(2, Run, "run_finished", outcome: "Succeeded")
                    .Until(9)
            )
        );

    [Fact]
    public void Two_successes_of_a_task_are_one_too_many() =>
        Expect(
            Promise.AcceptedOnce,
            new History()
                .Expect(Run, "a")
                .Run(0, Run, "run_queued")
                .Run(1, Run, "task_succeeded", "a", attempt: 1)
                .Run(2, Run, "task_succeeded", "a", attempt: 2)
                .Run(2, Run, "run_finished", outcome: "Succeeded")
        );

    [Fact]
    public void Two_results_of_an_attempt_are_one_too_many() =>
        Expect(
            Promise.AcceptedOnce,
            new History()
                .Expect(Run, "a")
                .Run(0, Run, "run_queued")
                .Run(1, Run, "task_requeued", "a", attempt: 1)
                .Run(2, Run, "task_succeeded", "a", attempt: 1)
                .Run(2, Run, "run_finished", outcome: "Succeeded")
        );

    [Fact]
    public void An_attempt_that_ends_twice_is_found_although_the_run_took_one_end_only() =>
        Expect(
            Promise.AcceptedOnce,
            new History()
                .Expect(Run, "a")
                .WholeRun(Run, 0)
                .Attempt(0, Run, "a", "attempt_accepted")
                .Attempt(1, Run, "a", "attempt_finished")
                .Attempt(2, Run, "a", "attempt_finished")
        );

    [Fact]
    public void A_run_that_is_open_in_the_end_is_found() =>
        Expect(Promise.Ends, new History().Expect(Run, "a").Run(0, Run, "run_queued").Run(0, Run, "task_queued", "a"));

    [Fact]
    public void A_run_that_was_accepted_and_is_not_there_is_lost() =>
        Expect(Promise.Ends, new History().Expect(Run, "a"));

    [Fact]
    public void A_run_that_nobody_accepted_may_be_missing() =>
        Assert.Empty(StreamChecker.Violations(new History().Expect(Run, TimeSpan.Zero, accepted: false, "a").Until(9)));

    [Fact]
    public void A_run_that_exists_must_end_although_its_answer_was_lost() =>
        Expect(Promise.Ends, new History().Expect(Run, TimeSpan.Zero, accepted: false, "a").Run(0, Run, "run_queued"));

    [Fact]
    public void A_run_that_ends_without_a_result_of_a_task_is_found() =>
        Expect(Promise.Ends, new History().Expect(Run, "a", "b").WholeRun(Run, 0));

    [Fact]
    public void A_run_that_fails_is_found() =>
        Expect(Promise.Succeeds, new History().Expect(Run, "a").WholeRun(Run, 0, "Failed"));

    [Fact]
    public void A_run_of_the_same_dag_that_nobody_asked_for_is_found() =>
        Expect(Promise.AskedFor, new History().Expect(Run, "a").WholeRun(Run, 0).WholeRun("manual__chaos-chain__2", 0));

    [Fact]
    public void Runs_of_other_dags_are_not_looked_at() =>
        Assert.Empty(
            StreamChecker.Violations(
                new History().Expect(Run, "a").WholeRun(Run, 0).WholeRun("manual__hello__1", 0, "Failed").Until(9)
            )
        );

    [Theory]
    [InlineData("delivery_matched", null)]
    [InlineData("delivery_received", Promise.DeliveryJudged)]
    [InlineData("delivery_held", Promise.DeliveryJudged)]
    [InlineData("delivery_ignored", Promise.DeliveryJudged)]
    public void A_delivery_has_to_be_matched_in_the_end(string last, object? broken)
    {
        var guid = Guid.NewGuid();
        var seen = new History()
            .Delivered(guid)
            .Add($"delivery-7.{guid:D}", "delivery_received", 0)
            .Add($"delivery-7.{guid:D}", last, 1)
            .Until(9);
        Assert.Equal(broken is Promise x ? [x] : [], StreamChecker.Violations(seen).Select(v => v.Promise));
    }

    [Fact]
    public void A_delivery_without_a_stream_is_lost() =>
        Expect(Promise.DeliveryJudged, new History().Delivered(Guid.NewGuid()));

    [Fact]
    public void An_incident_means_that_a_person_was_called() =>
        Expect(Promise.NobodyCalled, new History().Add("incident-task.chaos-chain.a", "incident_raised", 3));

    static void Expect(Promise promise, History history) =>
        Assert.Equal(promise, Assert.Single(StreamChecker.Violations(history.Until(9))).Promise);
}
