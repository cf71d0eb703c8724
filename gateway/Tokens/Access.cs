using Nightshift.Plumbing.Auth;

namespace Nightshift.Gateway.Tokens;

/// <summary>What the door says.</summary>
public enum Verdict
{
    /// <summary>Come in.</summary>
    Allowed,

    /// <summary>A token is needed: 401.</summary>
    Unknown,

    /// <summary>The token's role is too low: 403.</summary>
    RoleMissing,
}

/// <summary>The floor under every request. Services ask for more where they must.</summary>
public static class Access
{
    /// <summary>GitHub's deliveries; their signature, checked by the service, is the authentication.</summary>
    public static readonly PathString Webhook = "/webhooks/github";

    static readonly PathString[] Public = ["/", "/page.css", "/page.js", "/icon.svg", "/healthz", "/readyz"];

    /// <summary>Judges a request.</summary>
    public static Verdict Judge(string method, PathString path, Role role) =>
        Floor(method, path) is var floor && role >= floor ? Verdict.Allowed
        : role is Role.None ? Verdict.Unknown
        : Verdict.RoleMissing;

    /// <summary>The lowest role that may make a request: looking needs a viewer, anything else an operator.</summary>
    public static Role Floor(string method, PathString path)
    {
        var looks = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        if (looks && Public.Contains(path) || HttpMethods.IsPost(method) && path == Webhook)
            return Role.None;
        return looks || HttpMethods.IsOptions(method) ? Role.Viewer : Role.Operator;
    }
}
