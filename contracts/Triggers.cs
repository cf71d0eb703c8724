namespace Nightshift.Contracts;

/// <summary>
/// Event, scheduler → webhooks: the GitHub triggers of one DAG as they are now. Sent when a DAG file becomes live,
/// changes or goes, and for every DAG when <see cref="AnnounceDags"/> asks. The one with the highest
/// <paramref name="Revision"/> wins; a repeat changes nothing.
/// </summary>
/// <param name="DagId">The DAG.</param>
/// <param name="Revision">The version of the DAG's stream; grows with every change.</param>
/// <param name="Push">The conditions under <c>on.push</c>; null when pushes do not start this DAG.</param>
public sealed record DagTriggersChanged(string DagId, long Revision, PushTrigger? Push);

/// <summary>When a push starts a DAG. All given lists must match; an empty list matches everything.</summary>
/// <param name="Repositories">Globs over <c>owner/name</c>: <c>*</c> within a segment, <c>**</c> across, a leading
/// <c>!</c> excludes.</param>
/// <param name="Branches">Globs over the branch name, without <c>refs/heads/</c>. Tags never match.</param>
/// <param name="Paths">Globs over changed files; a truncated list of commits counts as a match.</param>
public sealed record PushTrigger(
    IReadOnlyList<string> Repositories,
    IReadOnlyList<string> Branches,
    IReadOnlyList<string> Paths
);

/// <summary>
/// Command, webhooks → scheduler (queue <c>scheduler-announce-dags</c>): send <see cref="DagTriggersChanged"/> for
/// every DAG. Sent when webhooks starts. Safe to repeat.
/// </summary>
/// <param name="RequestedAt">When it was asked (UTC).</param>
public sealed record AnnounceDags(DateTimeOffset RequestedAt);

/// <summary>
/// Command, webhooks → scheduler (queue <c>scheduler-trigger-run</c>): start a run. A repeat names the same run and
/// starts nothing.
/// </summary>
/// <param name="RunId"><c>push__{DagId}__{guid}</c>, with the GUID that GitHub gives the event, whichever hook delivers
/// it.</param>
/// <param name="DagId">The DAG to run.</param>
/// <param name="Cause">What started it, as shown to people: <c>push acme/site main</c>.</param>
/// <param name="Trigger">Values templates see as <c>trigger.*</c>: <c>event</c>, <c>repository</c>, <c>branch</c>,
/// <c>sha</c>, <c>sender</c>.</param>
/// <param name="RequestedAt">When the trigger was decided (UTC).</param>
public sealed record TriggerRun(
    string RunId,
    string DagId,
    string Cause,
    IReadOnlyDictionary<string, string> Trigger,
    DateTimeOffset RequestedAt
);

/// <summary>
/// Event, webhooks → webhooks: a delivery is committed and waits to be matched against triggers. A repeat decides
/// nothing.
/// </summary>
/// <param name="DeliveryId">What tells it from other deliveries: <c>{hook}.{guid}</c>, its stream's id without the
/// prefix.</param>
public sealed record DeliveryReceived(string DeliveryId);
