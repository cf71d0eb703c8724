using System.Net.Sockets;
using Nightshift.Plumbing.Hosting;
using Yarp.ReverseProxy.Forwarder;

namespace Nightshift.Gateway.Routes;

/// <summary>Says which service failed, and how.</summary>
static class ProxyErrors
{
    /// <summary>Gives a failed forward its answer, unless the service's answer had begun.</summary>
    public static async Task Explain(HttpContext context, Func<Task> next)
    {
        await next();
        if (context.GetForwarderErrorFeature() is not { } failure || context.RequestAborted.IsCancellationRequested)
            return;
        var service = RouteTable.ServiceOf(context.GetReverseProxyFeature().Cluster.Config.ClusterId);
        if (Answer(failure.Error, failure.Exception, service) is not var (status, code, detail))
            return;
        // The client's own fault is its answer; in the log, strangers could write with it.
        if (failure.Error is not ForwarderError.RequestBodyClient)
            Log.ServiceFailed(
                context.RequestServices.GetRequiredService<ILogger<GatewayApp>>(),
                service,
                context.Request.Method,
                context.Request.Path,
                failure.Exception?.GetBaseException().Message ?? failure.Error.ToString()
            );
        if (context.Response.HasStarted)
            return;
        if (status is StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "2";
        await Problems.Write(context, status, code, detail);
    }

    /// <summary>The answer for one kind of failure; null when the client itself broke off.</summary>
    public static (int Status, string Code, string Detail)? Answer(
        ForwarderError error,
        Exception? cause,
        string service
    ) =>
        error switch
        {
            ForwarderError.RequestCanceled
            or ForwarderError.RequestBodyCanceled
            or ForwarderError.ResponseBodyCanceled
            or ForwarderError.ResponseBodyClient => null,
            ForwarderError.RequestBodyClient when Among<BadHttpRequestException>(cause) is { } bad => (
                bad.StatusCode,
                "bad_request",
                bad.Message
            ),
            ForwarderError.RequestBodyClient => (
                StatusCodes.Status400BadRequest,
                "bad_request",
                "The request's body broke off."
            ),
            ForwarderError.RequestTimedOut => (
                StatusCodes.Status504GatewayTimeout,
                "service_silent",
                $"The service '{service}' did not answer in time. `nightshift status` shows how it is."
            ),
            _ when Among<SocketException>(cause)
                    is {
                        SocketErrorCode: SocketError.ConnectionRefused
                            or SocketError.HostUnreachable
                            or SocketError.HostNotFound
                    } => (
                StatusCodes.Status503ServiceUnavailable,
                "service_down",
                $"The service '{service}' is down. It is restarted by itself: try again in a few seconds, or "
                    + "see `nightshift status`."
            ),
            _ => (
                StatusCodes.Status502BadGateway,
                "service_broke_off",
                $"The service '{service}' broke off its answer; it may be restarting. Try again in a few seconds."
            ),
        };

    // Forwarding a body can fail on both ends at once; the causes then come as a tree.
    static T? Among<T>(Exception? cause)
        where T : Exception =>
        cause switch
        {
            null => null,
            T found => found,
            AggregateException many => many.InnerExceptions.Select(Among<T>).FirstOrDefault(x => x is not null),
            _ => Among<T>(cause.InnerException),
        };
}
