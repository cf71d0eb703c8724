using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using JasperFx.Events;
using MassTransit;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Status;
using Nightshift.Plumbing.Streams;
using Npgsql;

namespace Nightshift.Plumbing.Probe;

/// <summary>Where the process kills itself, as <c>kill -9</c> would.</summary>
public enum DeathAt
{
    Never,
    BeforeCommit,
    AfterCommit,
    AfterPublish,
}

/// <summary>
/// A service with nothing but plumbing: it counts, publishes, listens to itself, and dies where a test says.
/// </summary>
public static class ProbeService
{
    /// <summary>Builds it; <c>--DeathAt=AfterCommit</c> says where it dies.</summary>
    public static async Task<WebApplication> Build(string[] args)
    {
        var service = await NightshiftService.Create("probe", args);
        var death = service.Configuration.GetValue("DeathAt", DeathAt.Never);
        service
            .Services.AddOptions<ProbeOptions>()
            .BindConfiguration("Probe")
            .ValidateDataAnnotations()
            .ValidateOnStart();
        service.AddStream(Tally.Stream).AddTimers<TallyTimers>();
        service.AddStream(Heard.Stream);
        var messages = new MessageRecorder();
        service.Retain(
            new("tallies", Tally.Stream.Prefix, new("Tallies", TimeSpan.FromDays(1)), [typeof(ReminderCame)])
        );
        service.Outgoing.On<Counted>(e =>
            [Unpublishable.Of(e.Data.Number, messages) ?? new Outgoing(new NumberCounted(e.StreamKey!, e.Data.Number))]
        );
        service.Bus(x => x.AddConsumer<NumberCountedConsumer>());
        service.Services.AddSingleton(messages).AddSingleton<IStatusReport, ProbeStatus>();
        service.Bus(x => x.AddPublishObserver<RememberPublished>());
        if (death is DeathAt.AfterCommit)
            service.Services.Insert(0, ServiceDescriptor.Singleton<ICommitListener>(new DieAfterCommit()));
        if (death is DeathAt.AfterPublish)
            service.Bus(x => x.AddPublishObserver<DieAfterPublish>());
        var app = service.Build();
        app.MapPost(
                "/tallies/{id}/{number:int}",
                (
                    string id,
                    int number,
                    StreamStore<Tally> tallies,
                    NpgsqlDataSource database,
                    TimeProvider clock,
                    CancellationToken cancellationToken
                ) =>
                    tallies.Transact(
                        id,
                        tally => Tally.Count(tally, number, clock.GetUtcNow()),
                        cancellationToken,
                        () => death is DeathAt.BeforeCommit ? DieHoldingNumbers(database) : []
                    )
            )
            .RequireRole(Role.Operator);
        return app;
    }

    // As the append of a transaction that has not been committed, it holds sequence numbers.
    static IEnumerable<RowChange> DieHoldingNumbers(NpgsqlDataSource database)
    {
        using var connection = database.OpenConnection();
        using var transaction = connection.BeginTransaction();
        using (var take = new NpgsqlCommand("select nextval('probe.mt_events_sequence')", connection, transaction))
            take.ExecuteNonQuery();
        Process.GetCurrentProcess().Kill();
        return [];
    }
}

/// <summary>Numbers that can never be published.</summary>
public static class Unpublishable
{
    /// <summary>Its mapping throws.</summary>
    public const int Mapping = -1;

    /// <summary>It goes to a queue that cannot exist.</summary>
    public const int Queue = -2;

    internal static Outgoing? Of(int number, MessageRecorder messages) =>
        number switch
        {
            Mapping when messages.RefuseMapping => throw new InvalidOperationException("This number has no words"),
            Queue => new Outgoing(new NumberCounted("", number), "no/such queue"),
            _ => null,
        };
}

/// <summary>The probe is always well, as far as it knows.</summary>
public sealed class ProbeStatus : IStatusReport
{
    /// <inheritdoc/>
    public Task<(string State, bool Ok)> Read(CancellationToken cancellationToken) =>
        Task.FromResult(("Counting", true));
}

/// <summary>A setting, to be set wrong.</summary>
public sealed record ProbeOptions
{
    /// <summary>1 to 9, default 1.</summary>
    [Range(1, 9, ErrorMessage = "Probe:Limit must be a number from 1 to 9")]
    public int Limit { get; init; } = 1;
}

/// <summary>A fact about what was heard.</summary>
public abstract record HeardEvent(DateTimeOffset At);

/// <summary>A number was heard of.</summary>
public sealed record NumberHeard(int Number, DateTimeOffset At) : HeardEvent(At);

/// <summary>The listener's side: what it decided on hearing numbers, each once however often it is published.</summary>
public sealed record Heard(ImmutableHashSet<int> Numbers)
{
    /// <summary>Listener streams.</summary>
    public static StreamDefinition<Heard> Stream { get; } =
        new(
            "heard-",
            typeof(HeardEvent),
            new([]),
            (heard, e) => e is NumberHeard x ? new(heard.Numbers.Add(x.Number)) : heard
        )
        {
            Log = (log, id, e) => ProbeLog.Heard(log, id, ((NumberHeard)e).Number),
        };
}

static partial class ProbeLog
{
    [LoggerMessage(1, LogLevel.Information, "Heard {Number} of {Tally}")]
    public static partial void Heard(ILogger log, string tally, int number);
}

/// <summary>The ids of the messages of this process, for tests to look at.</summary>
public sealed class MessageRecorder
{
    /// <summary>Whether <see cref="Tally.Unheard"/> is refused; true until a test says that it was repaired.</summary>
    public bool Refuse { get; set; } = true;

    /// <summary>Whether <see cref="Unpublishable.Mapping"/> throws; the same.</summary>
    public bool RefuseMapping { get; set; } = true;

    /// <summary>Those it published and the broker confirmed.</summary>
    public ConcurrentQueue<Guid> Published { get; } = [];

    /// <summary>Those it received, repeats included, and whose number each brought.</summary>
    public ConcurrentQueue<(string Tally, Guid Id)> Heard { get; } = [];
}

/// <summary>Hears of numbers.</summary>
public sealed class NumberCountedConsumer(StreamStore<Heard> heard, MessageRecorder messages, TimeProvider clock)
    : IConsumer<NumberCounted>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<NumberCounted> context)
    {
        var (tally, number) = context.Message;
        if (number == Tally.Unheard && messages.Refuse)
            throw new RejectedException("invalid_number", $"{number} is not listened to");
        messages.Heard.Enqueue((tally, context.MessageId!.Value));
        return heard.Transact(
            tally,
            x => x.Numbers.Contains(number) ? [] : [new NumberHeard(number, clock.GetUtcNow())],
            context.CancellationToken
        );
    }
}

sealed class RememberPublished(MessageRecorder messages) : IPublishObserver
{
    public Task PrePublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class
    {
        messages.Published.Enqueue(context.MessageId!.Value);
        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;
}

sealed class DieAfterCommit : ICommitListener
{
    public void Committed(IReadOnlyList<IEvent> events)
    {
        if (events.Any(x => x.Data is Counted))
            Process.GetCurrentProcess().Kill();
    }
}

sealed class DieAfterPublish : IPublishObserver
{
    public Task PrePublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class
    {
        Process.GetCurrentProcess().Kill();
        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;
}
