using Nightshift.Contracts;

namespace Nightshift.Webhooks.Matching;

/// <summary>
/// The triggers of one DAG as the scheduler last announced them. A view: the scheduler's DAG files are the truth.
/// </summary>
/// <param name="Id">The DAG's id.</param>
/// <param name="Version">The revision announced; an older one never replaces a newer one.</param>
/// <param name="Push">When pushes start it; null when they do not, or the DAG is gone.</param>
public sealed record DagTriggers(string Id, long Version, PushTrigger? Push);
