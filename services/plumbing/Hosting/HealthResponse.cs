using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Nightshift.Plumbing.Hosting;

/// <summary>The answer of <c>/readyz</c> and <c>/healthz</c>.</summary>
/// <param name="Status"><c>Healthy</c> or <c>Unhealthy</c>.</param>
/// <param name="Problems">Each check that fails, with a sentence; empty when all is well. No secret is in them.</param>
public sealed record HealthResponse(string Status, IReadOnlyDictionary<string, string> Problems)
{
    /// <summary>What a report comes to.</summary>
    public static HealthResponse Of(HealthReport report) =>
        new(
            report.Status.ToString(),
            report
                .Entries.Where(x => x.Value.Status is not HealthStatus.Healthy)
                .ToDictionary(x => x.Key, x => x.Value.Description ?? $"The check '{x.Key}' failed")
        );

    /// <summary>All problems in one line; null when there is none.</summary>
    public string? Line => Problems.Count == 0 ? null : string.Join("; ", Problems.Values);

    /// <summary>Writes it as JSON.</summary>
    public static Task Write(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(Of(report), Json.Options, context.RequestAborted);
}
