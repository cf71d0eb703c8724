using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Messages;
using Nightshift.Plumbing.Streams;
using Npgsql;

namespace Nightshift.Plumbing.Tests.Messages;

/// <summary>A dependency that is away is waited for; a message that cannot be handled is not.</summary>
public sealed class DependencyTests
{
    readonly FakeTimeProvider clock = new();
    bool answers;
    int asked;

    public static TheoryData<Exception, bool> Faults =>
        new()
        {
            { new NpgsqlException("away", new SocketException(111)), true },
            { new InvalidOperationException("outer", new TimeoutException()), true },
            { new HttpRequestException("engine"), true },
            { new IOException("reset"), true },
            { new FileNotFoundException(), false },
            { new RejectedException("invalid_number", "no"), false },
            { new InvalidOperationException("bug"), false },
            { new PostgresException("no such table", "ERROR", "ERROR", "42P01"), false },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_may_be_better_later_is_a_fault_of_a_dependency(Exception fault, bool isDependency) =>
        Assert.Equal(isDependency, DependencyFaults.IsTransient(fault));

    [Fact]
    public async Task A_held_message_goes_on_when_the_database_answers()
    {
        var waiting = Wait(CancellationToken.None).UntilBack();
        clock.Advance(DependencyWait.Period);
        clock.Advance(DependencyWait.Period);
        Assert.False(waiting.IsCompleted);
        answers = true;
        clock.Advance(DependencyWait.Period);
        await waiting;
    }

    [Fact]
    public async Task It_goes_back_before_the_broker_takes_it_away()
    {
        var waiting = Wait(CancellationToken.None).UntilBack();
        for (var held = TimeSpan.Zero; held < DependencyWait.HoldAtMost; held += DependencyWait.Period)
            clock.Advance(DependencyWait.Period);
        await waiting;
        Assert.True(DependencyWait.HoldAtMost < TimeSpan.FromMinutes(25));
    }

    [Fact]
    public async Task Many_held_messages_ask_once()
    {
        var wait = Wait(CancellationToken.None);
        var waiting = Enumerable.Range(0, 50).Select(_ => wait.UntilBack()).ToList();
        answers = true;
        clock.Advance(DependencyWait.Period);
        await Task.WhenAll(waiting);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_stop_holds_nothing()
    {
        using var stopping = new CancellationTokenSource();
        var waiting = Wait(stopping.Token).UntilBack();
        await stopping.CancelAsync();
        await waiting;
    }

    DependencyWait Wait(CancellationToken stopping) =>
        new(
            _ =>
            {
                asked++;
                return Task.FromResult(answers);
            },
            clock,
            stopping
        );
}
