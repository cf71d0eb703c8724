namespace Nightshift.Bench.Chaos;

/// <summary>The promises that are checked.</summary>
enum Promise
{
    /// <summary>An open run goes on within the limit of the part that was killed.</summary>
    GoesOn,

    /// <summary>Of each attempt one result is accepted, of each task one success.</summary>
    AcceptedOnce,

    /// <summary>Every run comes to its end, with a result of each task.</summary>
    Ends,

    /// <summary>A fault of the infrastructure fails no run.</summary>
    Succeeds,

    /// <summary>Only what was asked for is run.</summary>
    AskedFor,

    /// <summary>Every accepted delivery is judged.</summary>
    DeliveryJudged,

    /// <summary>The tasks that are queued or running never hold more slots than their pool has.</summary>
    PoolHolds,

    /// <summary>Nobody is called for what heals by itself.</summary>
    NobodyCalled,

    /// <summary>An answer is a success, or says that the system is not available for a moment.</summary>
    HonestAnswer,

    /// <summary>A part that was killed is running again.</summary>
    IsBack,

    /// <summary>In the end the status is good.</summary>
    StatusIsGood,

    /// <summary>No container, no process, no slot, no timer and no open attempt is left.</summary>
    NothingLeft,

    /// <summary>All that was planned was done within the time limit.</summary>
    DoneInTime,
}

/// <summary>A promise that was not kept.</summary>
/// <param name="Part">The part whose disturbance explains it.</param>
/// <param name="Promise">Which promise.</param>
/// <param name="Detail">What was seen, with the ids to look for.</param>
sealed record Violation(string Part, Promise Promise, string Detail);

/// <summary>A time in which an open run recorded nothing, less the time its own commands took.</summary>
/// <param name="Part">The part whose disturbance explains it.</param>
/// <param name="RunId">The run.</param>
/// <param name="From">When its last event before was recorded (UTC).</param>
/// <param name="After">The name of that event.</param>
/// <param name="Length">How long it lasted.</param>
/// <param name="Limit">How long it might last; null when nothing is promised.</param>
sealed record Stall(string Part, string RunId, DateTimeOffset From, string After, TimeSpan Length, TimeSpan? Limit);
