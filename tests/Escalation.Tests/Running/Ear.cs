using System.Threading.Channels;
using Nightshift.Escalation.Channels;
using Nightshift.Testing;

namespace Nightshift.Escalation.Tests.Running;

/// <summary>Hears what channel <c>command</c> is told.</summary>
sealed class Ear(string? failure = null) : IChannel
{
    readonly Channel<Notice> heard = Channel.CreateUnbounded<Notice>();

    public string Name => "command";

    public async Task<string?> Notify(Notice notice, CancellationToken cancellationToken)
    {
        await heard.Writer.WriteAsync(notice, cancellationToken);
        return failure;
    }

    /// <summary>The next notice about an incident.</summary>
    public async Task<Notice> Next(string incident)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Eventually.Deadline);
        while (true)
            if (await heard.Reader.ReadAsync(limit.Token) is var notice && notice.IncidentId == incident)
                return notice;
    }

    /// <summary>Notices nobody has asked for yet.</summary>
    public int Unheard => heard.Reader.Count;
}
