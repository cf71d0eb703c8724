using System.Security.Claims;

namespace Nightshift.Plumbing.Auth;

/// <summary>The caller of a request as a <see cref="ClaimsPrincipal"/>: the token's name and its role.</summary>
public static class CallerClaims
{
    /// <summary>The name of a caller without a token.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>A caller whom an authentication scheme has established.</summary>
    public static ClaimsPrincipal Principal(string name, Role role, string scheme) =>
        new(
            new ClaimsIdentity(
                [new(ClaimTypes.Name, name), new(ClaimTypes.Role, role.ToString())],
                authenticationType: scheme
            )
        );

    /// <summary>The caller's name, as events and logs show it.</summary>
    public static string CallerName(this ClaimsPrincipal user) =>
        user.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : Anonymous;

    /// <summary>The caller's role; <see cref="Role.None"/> for a stranger and for a role that does not exist.</summary>
    public static Role CallerRole(this ClaimsPrincipal user) =>
        Enum.TryParse<Role>(user.FindFirstValue(ClaimTypes.Role), ignoreCase: true, out var role)
        && Enum.IsDefined(role)
            ? role
            : Role.None;
}
