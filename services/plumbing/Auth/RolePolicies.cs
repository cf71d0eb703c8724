using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Nightshift.Plumbing.Auth;

/// <summary>The lowest role that may make a request.</summary>
/// <param name="lowest">The role, by the request.</param>
public sealed class RoleRequirement(Func<HttpContext, Role> lowest) : IAuthorizationRequirement
{
    /// <summary>The lowest role that may make this request.</summary>
    public Role LowestFor(HttpContext request) => lowest(request);
}

/// <summary>Compares the caller's role with the one a request needs.</summary>
sealed class RoleRequirementHandler : AuthorizationHandler<RoleRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
    {
        if (context.Resource is HttpContext request && context.User.CallerRole() >= requirement.LowestFor(request))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}

/// <summary>The authorization policies of the services, one per role.</summary>
public static class RolePolicies
{
    /// <summary>
    /// Any request that came through the gateway, whoever sent it: the gateway's own, and signed webhooks.
    /// </summary>
    public const string ThroughGateway = "ThroughGateway";

    /// <summary>
    /// Authenticates by the gateway's key and adds the policies. An endpoint that names no policy is closed to
    /// everybody.
    /// </summary>
    /// <param name="services">The service's registrations.</param>
    /// <param name="gatewayKey">The bytes of the secret <c>gateway-key</c>.</param>
    public static void AddGatewayAuthorization(this IServiceCollection services, byte[] gatewayKey)
    {
        services
            .AddAuthentication(GatewayAuthenticationHandler.SchemeName)
            .AddScheme<GatewayAuthenticationOptions, GatewayAuthenticationHandler>(
                GatewayAuthenticationHandler.SchemeName,
                x => x.Key = gatewayKey
            );
        services
            .AddRoleAuthorization()
            .AddPolicy(ThroughGateway, x => x.RequireAuthenticatedUser())
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(IsNoEndpoint).Build());
    }

    /// <summary>Adds one policy per role, named like it, and answers refusals with problem details.</summary>
    public static AuthorizationBuilder AddRoleAuthorization(this IServiceCollection services)
    {
        services.AddSingleton<IAuthorizationHandler, RoleRequirementHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationProblems>();
        var authorization = services.AddAuthorizationBuilder();
        foreach (var role in (Role[])[Role.Viewer, Role.Operator, Role.Admin])
            authorization.AddPolicy(role.ToString(), x => x.AddRequirements(new RoleRequirement(_ => role)));
        return authorization;
    }

    /// <summary>Asks for a role on an endpoint: 403 unless the caller's is <paramref name="role"/> or higher.</summary>
    public static TBuilder RequireRole<TBuilder>(this TBuilder endpoint, Role role)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireAuthorization(role.ToString());

    // No route fits: whoever came through the gateway is told 404 or 405.
    static bool IsNoEndpoint(AuthorizationHandlerContext context) =>
        context.User.Identity is { IsAuthenticated: true }
        && context.Resource is HttpContext http
        && http.GetEndpoint() is not RouteEndpoint;
}
