using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Nightshift.Webhooks.Receiving;

/// <summary>Why a delivery is not taken.</summary>
/// <param name="Status">The answer's status.</param>
/// <param name="Code">For programs.</param>
/// <param name="Why">For people.</param>
/// <param name="RetryAfter">When trying again makes sense; null when it does not, or at once.</param>
public sealed record Refusal(int Status, string Code, string Why, TimeSpan? RetryAfter = null)
{
    /// <summary>Writes it as problem details.</summary>
    public ProblemHttpResult Answer(HttpResponse response)
    {
        if (RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds))
                .ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(
            Why,
            statusCode: Status,
            extensions: new Dictionary<string, object?> { ["code"] = Code }
        );
    }

    internal static readonly Refusal ContentType = new(
        415,
        "content_type",
        "Set the hook's content type to application/json or application/x-www-form-urlencoded, uncompressed"
    );

    internal static readonly Refusal NoSecret = new(
        401,
        "no_secret",
        $"No delivery is accepted before the secret {WebhookSecrets.Current} is there"
    );

    internal static readonly Refusal NoSignature = new(
        401,
        "signature",
        $"{Signature.Header} is missing or malformed; give the hook a secret"
    );

    internal static readonly Refusal WrongSignature = new(
        401,
        "signature",
        $"{Signature.Header} was not made with our secret"
    );

    internal static readonly Refusal Headers = new(
        400,
        "headers",
        "X-GitHub-Delivery must be one GUID, X-GitHub-Event one name and X-GitHub-Hook-ID, if given, one number"
    );

    internal static readonly Refusal Payload = new(400, "payload", "The payload must be one JSON object in UTF-8");

    internal static readonly Refusal TooSlow = new(
        408,
        "too_slow",
        $"The body did not arrive within {RequestBody.ReadWithin.TotalSeconds:0} s, as long as GitHub itself waits"
    );

    internal static readonly Refusal Busy = new(
        503,
        "busy",
        "Too many bodies are being read; deliver it again",
        TimeSpan.FromSeconds(5)
    );

    internal static readonly Refusal NotCommitted = new(
        503,
        "not_committed",
        "The delivery could not be stored; deliver it again",
        TimeSpan.FromSeconds(5)
    );

    internal static Refusal TooLarge(long limit) =>
        new(413, "too_large", $"The body may have up to {limit:N0} bytes; GitHub sends no payload above 25 MiB");

    internal static Refusal TooManyWrongSignatures(TimeSpan wait) =>
        new(429, "too_many_wrong_signatures", "Too many wrong signatures came from this address", wait);
}
