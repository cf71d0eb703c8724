using Microsoft.Net.Http.Headers;

namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// How the JSON is wrapped: GitHub sends either content type, and a hook made by its API sends the form by default.
/// </summary>
public enum BodyForm
{
    /// <summary><c>application/json</c></summary>
    Json,

    /// <summary><c>application/x-www-form-urlencoded</c> with the JSON in the field <c>payload</c>.</summary>
    Form,
}

/// <summary>What is known of a body before it is read.</summary>
public static class Body
{
    /// <summary>GitHub sends no payload above 25 MiB; one more for a wrapper. The gateway has the same limit.</summary>
    public const int JsonLimit = 26 * 1024 * 1024;

    /// <summary>The same payload with its quotes and braces escaped; 1.4 times is what real payloads come to.</summary>
    public const int FormLimit = 40 * 1024 * 1024;

    /// <summary>Longest body taken, bytes.</summary>
    public static int LimitOf(BodyForm form) => form is BodyForm.Json ? JsonLimit : FormLimit;

    /// <summary>The form a content type names; null for one that is not ours, or not UTF-8.</summary>
    public static BodyForm? FormOf(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type))
            return null;
        if (type.Charset.HasValue && !type.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return null;
        return type.MediaType.Value?.ToLowerInvariant() switch
        {
            "application/json" => BodyForm.Json,
            "application/x-www-form-urlencoded" => BodyForm.Form,
            _ => null,
        };
    }
}
