using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Nightshift.Testing;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Receiving;

public sealed class RefusalLogTests : IDisposable
{
    static readonly Refusal Wrong = new(401, "signature", "no");

    readonly ListLogger lines = new();
    readonly LoggerFactory loggers;
    readonly RefusalLog log;

    public RefusalLogTests()
    {
        loggers = new([lines]);
        log = new(TimeProvider.System, loggers.CreateLogger<RefusalLog>());
    }

    [Fact]
    public void A_line_names_delivery_event_and_address()
    {
        log.Add(Wrong, Request("203.0.113.7", "72d3162e-cc78-11e3-81ab-4c9367dc0958", "push"));
        Assert.Equal(
            [
                "Delivery 72d3162e-cc78-11e3-81ab-4c9367dc0958 (push) from 203.0.113.7 was refused with 401 signature: no",
            ],
            lines.Lines
        );
    }

    [Fact]
    public void What_a_stranger_writes_is_bounded_and_steers_nothing()
    {
        log.Add(Wrong, Request("203.0.113.7", "a\e[2J\u202eb", new string('x', 5000)));
        var line = Assert.Single(lines.Lines);
        Assert.Contains("Delivery a?[2J?b (xxx", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 100, 300);
    }

    [Fact]
    public void One_sender_gets_a_few_lines_and_one_count_however_much_it_sends()
    {
        for (var i = 0; i < 6000; i++)
            log.Add(Wrong, Request("203.0.113.7", $"{i}", "push"));
        log.Add(Wrong, Request("203.0.113.8", "another", "push"));
        Assert.Equal(RefusalLog.LinesPerSender + 1, lines.Lines.Count);
        log.EndPeriod();
        Assert.Equal(
            "5995 further deliveries from 203.0.113.7 were refused within 60 s and not logged one by one",
            lines.Lines[^1]
        );
        log.EndPeriod();
        log.Add(Wrong, Request("203.0.113.7", "again", "push"));
        Assert.Equal(RefusalLog.LinesPerSender + 3, lines.Lines.Count);
    }

    [Fact]
    public void Many_senders_and_the_addresses_of_one_network_are_counted_together()
    {
        for (var i = 0; i < 1000; i++)
        {
            log.Add(Wrong, Request($"2001:db8::{i:x}", "x", "push"));
            log.Add(Wrong, Request($"203.0.{i / 250}.{i % 250}", "x", "push"));
        }
        log.EndPeriod();
        Assert.InRange(
            lines.Lines.Count,
            RefusalLog.MaxSenders,
            (RefusalLog.MaxSenders + 1) * (RefusalLog.LinesPerSender + 1)
        );
    }

    public void Dispose()
    {
        log.Dispose();
        loggers.Dispose();
    }

    static DefaultHttpContext Request(string address, string id, string name)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Headers["X-GitHub-Delivery"] = id;
        context.Request.Headers["X-GitHub-Event"] = name;
        return context;
    }
}
