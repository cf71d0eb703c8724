using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>The answer to whoever names a DAG that is not there.</summary>
static class UnknownDag
{
    /// <summary><c>unknown_dag</c></summary>
    public static RejectedException Named(string dagId) =>
        new("unknown_dag", $"There is no DAG '{dagId}'; 'nightshift dags list' shows those there are");
}
