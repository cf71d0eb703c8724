using System.Net.Sockets;

namespace Nightshift.Gateway.Routes;

/// <summary>Why a service did not answer, in few words.</summary>
static class CallFailure
{
    /// <summary>It answered, but not in the way a service of ours does.</summary>
    public const string NotUnderstood = "answer not understood";

    public static string Why(Exception e) =>
        e switch
        {
            TaskCanceledException => $"no answer within {ServiceClients.Patience.TotalSeconds:0} s",
            HttpRequestException { StatusCode: { } status } => $"answered {(int)status}",
            _ when e.GetBaseException() is SocketException socket => socket.SocketErrorCode
            is SocketError.ConnectionRefused
                ? "not running"
                : socket.Message,
            _ => NotUnderstood,
        };
}
