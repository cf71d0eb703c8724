namespace Nightshift.Scheduler.Pools;

/// <summary>A fact about one pool. Stored for ever: add properties, never rename or repurpose one.</summary>
/// <param name="Name">The pool.</param>
/// <param name="By">Who did it.</param>
/// <param name="At">When (UTC).</param>
public abstract record PoolEvent(string Name, string By, DateTimeOffset At);

/// <summary>The pool is there, with these values from now on.</summary>
/// <param name="Name">The pool.</param>
/// <param name="Slots">How many slots it has; -1 for any number.</param>
/// <param name="Description">For people.</param>
/// <param name="IncludeDeferred">Airflow's switch for tasks that wait outside a worker; there are none here.</param>
/// <param name="By">Who set them.</param>
/// <param name="At">When (UTC).</param>
public sealed record PoolSet(
    string Name,
    int Slots,
    string Description,
    bool IncludeDeferred,
    string By,
    DateTimeOffset At
) : PoolEvent(Name, By, At);

/// <summary>The pool is gone. Tasks that hold its slots go on; others wait until it is there again.</summary>
public sealed record PoolDeleted(string Name, string By, DateTimeOffset At) : PoolEvent(Name, By, At);
