using Microsoft.AspNetCore.Http;

namespace Nightshift.Plumbing.Auth;

/// <summary>What a token may do; each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Nobody in particular; only signed webhooks come this way.</summary>
    None,

    /// <summary>May look at everything.</summary>
    Viewer,

    /// <summary>May also start, retry, acknowledge and resolve.</summary>
    Operator,

    /// <summary>May also manage tokens and settings.</summary>
    Admin,
}

/// <summary>Who is asking, as the gateway established it.</summary>
/// <param name="Name">The token's name; <c>anonymous</c> without one.</param>
/// <param name="Role">The token's role.</param>
public sealed record Caller(string Name, Role Role)
{
    /// <summary>The header in which the gateway names the caller.</summary>
    public const string NameHeader = "X-Nightshift-Caller";

    /// <summary>The header in which the gateway states the caller's role.</summary>
    public const string RoleHeader = "X-Nightshift-Role";

    /// <summary>The caller of a request that came through the gateway.</summary>
    public static Caller Of(HttpContext context) =>
        new(
            context.Request.Headers[NameHeader] is [{ Length: > 0 } name] ? name : "anonymous",
            Enum.TryParse<Role>(context.Request.Headers[RoleHeader], ignoreCase: true, out var role) ? role : Role.None
        );
}
