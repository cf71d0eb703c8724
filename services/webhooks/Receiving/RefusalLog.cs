namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// Logs refused deliveries so that nobody can roll the log: the first few of each sender in a period one by one, the
/// rest as one count per sender at the period's end. Senders are limited too, and those beyond are counted together.
/// </summary>
public sealed class RefusalLog(TimeProvider clock, ILogger<RefusalLog> log) : BackgroundService
{
    /// <summary>How often the counts are logged and begin anew.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Lines one sender gets in a period.</summary>
    public const int LinesPerSender = 5;

    /// <summary>Senders told apart in a period.</summary>
    public const int MaxSenders = 20;

    const string Others = "further addresses";

    const int MaxText = 100;

    readonly Lock gate = new();
    Dictionary<string, int> counts = [];

    /// <summary>Counts one refusal, and logs it unless its sender has had its lines.</summary>
    public void Add(Refusal refusal, HttpContext context)
    {
        var address = ClientAddress.Of(context);
        if (Count(ClientAddress.SenderOf(address)) > LinesPerSender)
            return;
        Log.Refused(
            log,
            Header(context, "X-GitHub-Delivery"),
            Header(context, "X-GitHub-Event"),
            address,
            refusal.Status,
            refusal.Code,
            refusal.Why
        );
    }

    /// <summary>Logs what was not logged one by one, and begins a new period.</summary>
    public void EndPeriod()
    {
        Dictionary<string, int> ended;
        lock (gate)
            (ended, counts) = (counts, []);
        foreach (var (sender, count) in ended.Where(x => x.Value > LinesPerSender))
            Log.FurtherRefused(log, count - LinesPerSender, sender, (int)Period.TotalSeconds);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            EndPeriod();
    }

    int Count(string sender)
    {
        lock (gate)
        {
            var known = counts.Count < MaxSenders || counts.ContainsKey(sender) ? sender : Others;
            return counts[known] = counts.GetValueOrDefault(known) + 1;
        }
    }

    static string Header(HttpContext context, string name) =>
        Text.ForLog(context.Request.Headers[name].ToString(), MaxText) is { Length: > 0 } value ? value : "none";
}
