using Microsoft.Net.Http.Headers;
using Nightshift.Plumbing.Auth;

namespace Nightshift.Gateway.Status;

/// <summary><c>GET /status</c>: text, or JSON when that is asked for. Browsers get the page instead.</summary>
static class StatusEndpoints
{
    public static void MapStatus(this IEndpointRouteBuilder app) =>
        app.MapGet(
                "/status",
                async (HttpContext context, StatusReader reader, CancellationToken cancellationToken) =>
                {
                    var status = await reader.Read(cancellationToken);
                    return context.Request.Wants("application/json")
                        ? Results.Json(status)
                        : Results.Text(StatusText.Of(status, TimeZoneInfo.Local));
                }
            )
            .RequireRole(Role.Viewer);

    /// <summary>True when the request names this media type itself, not merely by a wildcard.</summary>
    public static bool Wants(this HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(x => x.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase));
}
