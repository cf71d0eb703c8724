namespace Nightshift.Escalation;

static partial class Log
{
    [LoggerMessage(
        EventId = 1,
        Message = "Incident {Incident} entered tier {Tier} of {Tiers}: {Summary}; {Why} (failures: {Failures}, "
            + "case: {Case})"
    )]
    public static partial void Incident(
        ILogger log,
        LogLevel level,
        string incident,
        int tier,
        int tiers,
        string summary,
        string why,
        int failures,
        string @case
    );

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Incident {Incident} tier {Tier}: {Program} ran: {Outcome}; output: {Output}; error: {Error}"
    )]
    public static partial void CommandRan(
        ILogger log,
        string incident,
        int tier,
        string program,
        string outcome,
        string output,
        string error
    );
}
