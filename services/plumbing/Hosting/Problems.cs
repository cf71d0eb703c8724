using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Hosting;

/// <summary>Problem details for whatever goes wrong: a stable code for programs, a sentence for people.</summary>
public static class Problems
{
    /// <summary>The code of a request whose caller's role is too low.</summary>
    public const string RoleMissing = "role_missing";

    /// <summary>A dependency that was killed is started again within a few seconds.</summary>
    const int RetryAfterSeconds = 5;

    /// <summary>
    /// Writes one problem as the whole answer; as JSON also to a client that asked for something else, such as a
    /// stream.
    /// </summary>
    public static async Task Write(
        HttpContext context,
        int status,
        string code,
        string detail,
        IReadOnlyDictionary<string, IReadOnlyList<string>>? errors = null
    )
    {
        context.Response.StatusCode = status;
        var problem = new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails =
            {
                Status = status,
                Detail = detail,
                Extensions = { ["code"] = code },
            },
        };
        if (errors is not null) // as ASP.NET Core's own answers to a form have them
            problem.ProblemDetails.Extensions["errors"] = errors;
        if (await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(problem))
            return;
        await context.Response.WriteAsJsonAsync(
            problem.ProblemDetails,
            options: null,
            "application/problem+json",
            context.RequestAborted
        );
    }

    /// <summary>
    /// Turns refusals into 404, 409 and 422, bad requests into 400, and anything else into a logged 500 without inner
    /// workings. What ASP.NET Core refuses by a status alone gets its sentence too.
    /// </summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) =>
        app.Use(
            async (context, next) =>
            {
                try
                {
                    StorableText.CheckQuery(context.Request);
                    await next(context);
                    if (
                        context.Response is
                        { HasStarted: false, StatusCode: >= 400 and var status, ContentType: null, ContentLength: null }
                    )
                        await Write(context, status, CodeOf(status), Sentence(context, status));
                }
                catch (RejectedException e) when (!context.Response.HasStarted)
                {
                    await Write(context, StatusOf(e), e.Code, e.Message, e.Errors);
                }
                catch (BadHttpRequestException e) when (!context.Response.HasStarted)
                {
                    await Write(context, e.StatusCode, "bad_request", Sentence(context, e));
                }
                catch (DiskFullException e) when (!context.Response.HasStarted)
                {
                    context.Response.Headers.RetryAfter = $"{DiskFullException.TryAgainAfter.TotalSeconds:0}";
                    await Write(context, StatusCodes.Status503ServiceUnavailable, DiskFullException.Code, e.Message);
                }
                // nobody waits for the answer
                catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested) { }
                catch (Exception e)
                    when (!context.Response.HasStarted && DependencyFaults.DependencyOf(e) is { } dependency)
                {
                    PlumbingLog.DependencyAway(
                        LogOf(context),
                        e,
                        dependency,
                        context.Request.Method,
                        context.Request.Path
                    );
                    await Unavailable(context, dependency);
                }
                catch (Exception e) when (!context.Response.HasStarted)
                {
                    PlumbingLog.RequestFailed(LogOf(context), e, context.Request.Method, context.Request.Path);
                    await Write(
                        context,
                        StatusCodes.Status500InternalServerError,
                        "internal",
                        "The service failed on this request. Its log has the cause under the same trace id."
                    );
                }
            }
        );

    static ILogger LogOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILogger<RejectedException>>();

    /// <summary>503: something this service needs is away. The same request may be sent again.</summary>
    static Task Unavailable(HttpContext context, string dependency)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Write(
            context,
            StatusCodes.Status503ServiceUnavailable,
            "dependency_unavailable",
            $"{dependency} does not answer. Nothing was left half done: try again in {RetryAfterSeconds} s; "
                + "'nightshift status' shows what is down."
        );
    }

    static string CodeOf(int status) =>
        status switch
        {
            StatusCodes.Status404NotFound => "unknown_path",
            StatusCodes.Status405MethodNotAllowed => "unknown_method",
            StatusCodes.Status415UnsupportedMediaType => "not_json",
            _ => "refused",
        };

    static string Sentence(HttpContext context, int status) =>
        status switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Method} {context.Request.Path}.",
            StatusCodes.Status405MethodNotAllowed =>
                $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType =>
                "The body must be JSON; send it with 'Content-Type: application/json'.",
            _ => $"The request was refused: {ReasonPhrases.GetReasonPhrase(status)}.",
        };

    // Says nothing of the types the body was to become.
    static string Sentence(HttpContext context, BadHttpRequestException e) =>
        e.InnerException switch
        {
            UnstorableTextException { Path: var path } =>
                $"The text at {path ?? "$"} of the body is no valid value: {StorableText.Problem}.",
            JsonException { LineNumber: { } line, BytePositionInLine: { } at, Path: var path } =>
                $"The body is not the JSON that belongs here; look at line {line + 1}, byte {at + 1}{(path is { Length: > 1 } ? $" ({path})" : "")}.",
            { } inner => $"{e.Message} {inner.Message}",
            null
                when context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not null
                    && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } =>
                "The body is missing; send it as JSON.",
            null => e.Message,
        };

    /// <summary>The status that answers a refusal.</summary>
    public static int StatusOf(RejectedException e) =>
        e.NotFound ? StatusCodes.Status404NotFound
        : e.Code == RoleMissing ? StatusCodes.Status403Forbidden
        : e.Code.StartsWith("invalid_", StringComparison.Ordinal) ? StatusCodes.Status422UnprocessableEntity
        : StatusCodes.Status409Conflict;
}
