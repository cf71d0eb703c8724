using JasperFx.Events;

namespace Nightshift.Plumbing.Streams;

/// <summary>Hears of committed events, in the process that committed them and before whoever asked for them.</summary>
public interface ICommitListener
{
    /// <summary>Called once for each transaction. Starts what follows, and does not wait for it.</summary>
    /// <param name="events">The events, each with its id, its stream and its headers.</param>
    void Committed(IReadOnlyList<IEvent> events);
}
