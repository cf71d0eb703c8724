using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Nightshift.Plumbing.Auth;

/// <summary>Asks for a role on an endpoint.</summary>
public static class RoleFilter
{
    /// <summary>Answers 403 unless the caller's role is <paramref name="role"/> or higher.</summary>
    public static TBuilder RequireRole<TBuilder>(this TBuilder endpoint, Role role)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddEndpointFilter(
            async (context, next) =>
                Caller.Of(context.HttpContext).Role >= role
                    ? await next(context)
                    : TypedResults.Problem(
                        $"This needs the role {role.ToString().ToLowerInvariant()}; your token has {Caller.Of(context.HttpContext).Role.ToString().ToLowerInvariant()}.",
                        statusCode: StatusCodes.Status403Forbidden,
                        extensions: new Dictionary<string, object?> { ["code"] = "role_missing" }
                    )
        );
}
