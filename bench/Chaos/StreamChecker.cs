namespace Nightshift.Bench.Chaos;

/// <summary>Reads every stream afterwards: what the system recorded is what it is judged by.</summary>
static class StreamChecker
{
    const int GuidLength = 36;

    /// <summary>
    /// Every time in which an open run stood still, however short. A kill in it ends it and begins the next: a part
    /// that is killed again before it is back has as much time again.
    /// </summary>
    public static IEnumerable<Stall> Stalls(Observation seen)
    {
        var taskTimes = seen.Runs.ToDictionary(x => x.RunId, x => x.TaskTime);
        return from run in RunTimeline.Of(seen.Events)
            where taskTimes.ContainsKey(run.RunId)
            from gap in run.Gaps(taskTimes[run.RunId], seen.Until)
            from x in seen.Split(gap.After.RecordedAt, gap.To)
            select new Stall(
                x.Part,
                run.RunId,
                x.From,
                gap.After.Type,
                gap.Length(x.From, x.To),
                LimitOf(x.Part, x.From, gap.After, seen)
            );
    }

    // As much again for what waits for others that stand still themselves: a task for slots of its pool, and whatever
    // another part has to serve that was killed just before and is not back.
    static TimeSpan? LimitOf(string part, DateTimeOffset from, RecordedEvent after, Observation seen)
    {
        var limit = KillPlan.StallLimit(part);
        return after.Type == "task_scheduled" || seen.AnotherWasDisturbed(part, from - limit, from) ? 2 * limit : limit;
    }

    /// <summary>The promises about runs, tasks, deliveries and incidents that were not kept.</summary>
    public static IReadOnlyList<Violation> Violations(Observation seen)
    {
        var timelines = RunTimeline.Of(seen.Events).ToDictionary(x => x.RunId);
        return
        [
            .. seen.Runs.SelectMany(x => OfRun(x, timelines.GetValueOrDefault(x.RunId), seen)),
            .. NotAskedFor(seen, timelines),
            .. Deliveries(seen),
            .. seen
                .Events.Where(x => x.Type == "incident_raised")
                .Select(x => Found(seen, x.RecordedAt, x.RecordedAt, Promise.NobodyCalled, x.Stream)),
        ];
    }

    static IEnumerable<Violation> OfRun(ExpectedRun expected, RunTimeline? run, Observation seen)
    {
        if (run is not { Exists: true })
            return expected.Accepted
                ? [Found(seen, seen.Until, seen.Until, Promise.Ends, $"{expected.RunId} was accepted and is lost")]
                : [];
        var twice = run.AcceptedTwice()
            .Select(x => Found(seen, x.At, x.At, Promise.AcceptedOnce, $"{x.What} of {run.RunId}"));
        return [.. twice, .. End(expected, run, seen)];
    }

    static IEnumerable<Violation> End(ExpectedRun expected, RunTimeline run, Observation seen)
    {
        if (run.Outcome is null)
            return [Found(seen, run.LastAt, seen.Until, Promise.Ends, $"{run.RunId} is open")];
        string[] failed = [.. run.Failed()];
        if (failed.Length > 0 || run.Outcome != "Succeeded")
            return [At(Promise.Succeeds, $"{run.RunId} {run.Outcome}; failed: {string.Join(", ", failed)}")];
        string[] without = [.. expected.Tasks.Except(run.Succeeded())];
        return without is []
            ? []
            : [At(Promise.Ends, $"{run.RunId} ended without a result of {string.Join(", ", without)}")];

        Violation At(Promise promise, string detail) => Found(seen, run.LastAt, run.LastAt, promise, detail);
    }

    static IEnumerable<Violation> NotAskedFor(Observation seen, Dictionary<string, RunTimeline> timelines)
    {
        var dags = seen.Runs.Select(x => DagOf(x.RunId)).ToHashSet();
        return timelines
            .Values.Where(x => dags.Contains(DagOf(x.RunId)))
            .ExceptBy(seen.Runs.Select(x => x.RunId), x => x.RunId)
            .Select(x => Found(seen, x.LastAt, x.LastAt, Promise.AskedFor, x.RunId));
    }

    static IEnumerable<Violation> Deliveries(Observation seen)
    {
        var last = new Dictionary<string, RecordedEvent>();
        foreach (var e in seen.Events.Where(x => x.Stream.StartsWith("delivery-", StringComparison.Ordinal)))
            last[e.Stream[^GuidLength..]] = e;
        foreach (var guid in seen.Deliveries.Select(x => x.ToString("D")))
            if (!last.TryGetValue(guid, out var e))
                yield return Found(seen, seen.Until, seen.Until, Promise.DeliveryJudged, $"{guid} is lost");
            else if (e.Type is not "delivery_matched")
                yield return Found(seen, e.RecordedAt, seen.Until, Promise.DeliveryJudged, $"{e.Stream}: {e.Type}");
    }

    static Violation Found(Observation seen, DateTimeOffset from, DateTimeOffset to, Promise promise, string detail) =>
        new(seen.CauseOf(from, to), promise, detail);

    static string DagOf(string runId) => runId.Split("__") is [_, var dag, ..] ? dag : "";
}
