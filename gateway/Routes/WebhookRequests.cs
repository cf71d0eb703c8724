using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Gateway.Routes;

/// <summary>
/// What the gateway looks at in a webhook delivery. The signature itself is the webhooks service's to check: only the
/// service has the secret.
/// </summary>
static class WebhookRequests
{
    /// <summary>Longest JSON body, bytes. GitHub sends up to 25 MiB.</summary>
    public const long JsonBytes = 26L << 20;

    /// <summary>Longest form, bytes: the same JSON, of which real payloads become 1.4 times as long.</summary>
    public const long FormBytes = 40L << 20;

    const string Prefix = "sha256=";
    const int HexDigits = 64;
    static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>True for a delivery, signed or not.</summary>
    public static bool IsDelivery(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && RouteTable.Webhook.Equals(request.Path.Value?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    /// <summary>True when it has what looks like GitHub's signature.</summary>
    public static bool IsSigned(HttpRequest request) =>
        request.Headers["X-Hub-Signature-256"] is [{ } header]
        && header.StartsWith(Prefix, StringComparison.Ordinal)
        && header.AsSpan(Prefix.Length) is { Length: HexDigits } digits
        && !digits.ContainsAnyExcept(Hex);

    /// <summary>
    /// Limits bodies here, by the same limits as the webhooks service, so that too long a one is refused before it is
    /// forwarded: a service that answers in the middle of a body breaks the connection it is forwarded on.
    /// </summary>
    public static void UseWebhookLimits(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                if (!IsDelivery(context.Request))
                    return next(context);
                var limit = LimitOf(context.Request.ContentType);
                if (context.Request.ContentLength > limit)
                    return Problems.Write(
                        context,
                        StatusCodes.Status413PayloadTooLarge,
                        "too_large",
                        $"The body may have up to {limit:N0} bytes; GitHub sends no payload above 25 MiB"
                    );
                if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
                    feature.MaxRequestBodySize = limit;
                return next(context);
            }
        );

    static long LimitOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            ? FormBytes
            : JsonBytes;
}
