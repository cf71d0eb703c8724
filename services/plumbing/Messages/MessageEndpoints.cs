using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Auth;

namespace Nightshift.Plumbing.Messages;

/// <summary>
/// <c>/api/v2/messages/{service}</c>: what the service has given up, for a person to retry or discard.
/// </summary>
static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder app, string service)
    {
        var messages = app.MapGroup($"/api/v2/messages/{service}");
        messages
            .MapGet("", (GivenUpMessages all, CancellationToken cancellationToken) => all.List(cancellationToken))
            .RequireRole(Role.Viewer);
        messages.MapPost("/retry", RetryAll).RequireRole(Role.Operator);
        messages.MapPost("/discard", DiscardAll).RequireRole(Role.Admin);
        messages.MapPost("/{id}/retry", Retry).RequireRole(Role.Operator);
        messages.MapPost("/{id}/discard", Discard).RequireRole(Role.Admin);
    }

    static Task<GivenUpResult> Retry(
        string id,
        HttpContext context,
        GivenUpMessages messages,
        ILogger<GivenUpMessages> log,
        CancellationToken cancellationToken
    ) => Logged(context, log, "Retried", messages.Retry(id, cancellationToken));

    static Task<GivenUpResult> RetryAll(
        HttpContext context,
        GivenUpMessages messages,
        ILogger<GivenUpMessages> log,
        CancellationToken cancellationToken
    ) => Logged(context, log, "Retried", messages.Retry(id: null, cancellationToken));

    static Task<GivenUpResult> Discard(
        string id,
        HttpContext context,
        GivenUpMessages messages,
        ILogger<GivenUpMessages> log,
        CancellationToken cancellationToken
    ) => Logged(context, log, "Discarded", messages.Discard(id, cancellationToken));

    static Task<GivenUpResult> DiscardAll(
        HttpContext context,
        GivenUpMessages messages,
        ILogger<GivenUpMessages> log,
        CancellationToken cancellationToken
    ) => Logged(context, log, "Discarded", messages.Discard(id: null, cancellationToken));

    static async Task<GivenUpResult> Logged(HttpContext context, ILogger log, string what, Task<GivenUpResult> doing)
    {
        var done = await doing;
        PlumbingLog.GivenUpHandled(log, what, done.Count, PlainText.Of(context.User.CallerName(), limit: 100));
        return done;
    }
}
