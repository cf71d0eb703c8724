using System.Reflection;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Nightshift.Plumbing.Telemetry;

/// <summary>
/// Puts the ids a message carries (<c>RunId</c>, <c>TaskId</c>, <c>AttemptId</c> …) into every log line written while
/// it is handled.
/// </summary>
sealed class IdScope<T>(ILogger<IdScope<T>> log) : IFilter<ConsumeContext<T>>
    where T : class
{
    static readonly PropertyInfo[] Ids =
    [
        .. typeof(T).GetProperties().Where(x => x.Name.EndsWith("Id", StringComparison.Ordinal) || x.Name is "Attempt"),
    ];

    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        using (log.BeginScope(Ids.ToDictionary(x => x.Name, x => x.GetValue(context.Message))))
            await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("ids");
}
