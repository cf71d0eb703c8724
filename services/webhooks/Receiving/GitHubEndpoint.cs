using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Nightshift.Plumbing.Auth;

namespace Nightshift.Webhooks.Receiving;

/// <summary>The answer to a delivery that is committed.</summary>
/// <param name="DeliveryId">GitHub's GUID; look it up under <c>/api/v2/deliveries</c>.</param>
public sealed record Receipt(string DeliveryId);

/// <summary>
/// <c>POST /webhooks/github</c>. The signature is the authentication. Answers 202 after one commit, 200 to a ping and
/// to a delivery known already, and never a 2xx without a commit, because GitHub keeps only failed deliveries in view
/// for sending again.
/// </summary>
public static class GitHubEndpoint
{
    /// <summary>Maps it, for callers of any role: GitHub has no token.</summary>
    public static void MapGitHub(this IEndpointRouteBuilder app) =>
        app.MapPost("/webhooks/github", Handle).RequireAuthorization(RolePolicies.ThroughGateway);

    static async Task<IResult> Handle(
        HttpContext context,
        WebhookSecrets secrets,
        DeliveryReceiver receiver,
        ILogger<DeliveryReceiver> log,
        CancellationToken cancellationToken
    )
    {
        var (request, signature) = (context.Request, context.Request.Headers[Signature.Header].ToString());
        if (Body.FormOf(request.ContentType) is not { } form || request.Headers.ContentEncoding.Count > 0)
            return Refuse(
                log,
                415,
                "content_type",
                "Set the hook's content type to application/json or application/x-www-form-urlencoded, uncompressed"
            );
        if (!await secrets.Any(cancellationToken))
            return Refuse(
                log,
                401,
                "no_secret",
                $"No delivery is accepted before the secret {WebhookSecrets.Current} is there"
            );
        if (!Signature.IsWellFormed(signature))
            return Refuse(log, 401, "signature", $"{Signature.Header} is missing or malformed; give the hook a secret");

        var body = await Read(context, Body.LimitOf(form), cancellationToken);
        if (!await secrets.Verify(signature, body, cancellationToken))
            return Refuse(log, 401, "signature", $"{Signature.Header} was not made with our secret");
        if (DeliveryHeaders.Read(request.Headers) is not { } headers)
            return Refuse(log, 400, "headers", "X-GitHub-Delivery must be one GUID and X-GitHub-Event one name");
        if (Body.Unwrap(form, body) is not { } json || Envelope.Read(json.Span) is not { } envelope)
            return Refuse(log, 400, "payload", "The payload must be one JSON object in UTF-8");

        return await receiver.Receive(headers, envelope, request.ContentType!, body, cancellationToken) switch
        {
            Outcome.Committed when headers.Event != "ping" => TypedResults.Accepted(
                $"/api/v2/deliveries/{headers.DeliveryId}",
                new Receipt(headers.DeliveryId)
            ),
            Outcome.Committed or Outcome.KnownAlready => TypedResults.Ok(new Receipt(headers.DeliveryId)),
            _ => Refuse(log, 503, "not_committed", "The delivery could not be stored; deliver it again"),
        };
    }

    // The limit is per request, so that no other route takes bodies of this size.
    static async Task<byte[]> Read(HttpContext context, long limit, CancellationToken cancellationToken)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit;
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    static ProblemHttpResult Refuse(ILogger log, int status, string code, string why)
    {
        Log.Refused(log, status, code, why);
        return TypedResults.Problem(
            why,
            statusCode: status,
            extensions: new Dictionary<string, object?> { ["code"] = code }
        );
    }
}
