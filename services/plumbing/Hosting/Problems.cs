using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Hosting;

/// <summary>Problem details for whatever goes wrong: a stable code for programs, a sentence for people.</summary>
public static class Problems
{
    /// <summary>Writes one problem as the whole answer; as JSON also to a client that asked for something else, such as a stream.</summary>
    public static async Task Write(HttpContext context, int status, string code, string detail)
    {
        context.Response.StatusCode = status;
        var problem = new ProblemDetailsContext { HttpContext = context, ProblemDetails = { Status = status, Detail = detail, Extensions = { ["code"] = code } } };
        if (await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(problem)) return;
        await context.Response.WriteAsJsonAsync(problem.ProblemDetails, options: null, "application/problem+json", context.RequestAborted);
    }

    /// <summary>Turns refusals into 404, 409 and 422, bad requests into 400, and anything else into a logged 500 without inner workings.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        catch (RejectedException e) when (!context.Response.HasStarted)
        {
            await Write(context, StatusOf(e), e.Code, e.Message);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Write(context, e.StatusCode, "bad_request", e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested) { } // nobody waits for the answer
        catch (Exception e) when (!context.Response.HasStarted)
        {
            PlumbingLog.RequestFailed(context.RequestServices.GetRequiredService<ILogger<RejectedException>>(), e, context.Request.Method, context.Request.Path);
            await Write(context, StatusCodes.Status500InternalServerError, "internal", "The service failed on this request. Its log has the cause under the same trace id.");
        }
    });

    static int StatusOf(RejectedException e) =>
        e.NotFound ? StatusCodes.Status404NotFound
        : e.Code.StartsWith("invalid_", StringComparison.Ordinal) ? StatusCodes.Status422UnprocessableEntity
        : StatusCodes.Status409Conflict;
}
