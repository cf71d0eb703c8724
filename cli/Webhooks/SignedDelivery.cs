using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Nightshift.Cli.Webhooks;

/// <summary>A request as GitHub makes it.</summary>
public static class SignedDelivery
{
    /// <param name="gateway">The gateway's base URL.</param>
    /// <param name="name">The event, e.g. <c>push</c>.</param>
    /// <param name="id">The delivery's GUID; the same one again is the same delivery.</param>
    /// <param name="hook">The hook's number; null sends none.</param>
    /// <param name="body">The payload; sent as it is, because the signature is over its bytes.</param>
    /// <param name="secret">The secret GitHub would sign with.</param>
    public static HttpRequestMessage Create(Uri gateway, string name, Guid id, long? hook, byte[] body, string secret)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, "webhooks/github"))
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-GitHub-Event", name);
        request.Headers.Add("X-GitHub-Delivery", id.ToString("D"));
        if (hook is { } number)
            request.Headers.Add("X-GitHub-Hook-ID", number.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(
            "X-Hub-Signature-256",
            $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}"
        );
        request.Headers.UserAgent.ParseAdd("nightshift-webhook-send");
        return request;
    }
}
