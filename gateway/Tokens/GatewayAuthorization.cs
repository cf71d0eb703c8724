using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Nightshift.Plumbing.Auth;

namespace Nightshift.Gateway.Tokens;

/// <summary>
/// The least that every request needs: a viewer to look, an operator for anything else. Services ask for more where
/// they must; what is open to strangers says so itself.
/// </summary>
static class GatewayAuthorization
{
    public static void AddTokenAuthorization(this IServiceCollection services)
    {
        services
            .AddAuthentication(TokenAuthenticationHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthenticationHandler>(
                TokenAuthenticationHandler.SchemeName,
                configureOptions: null
            );
        var byMethod = new RoleRequirement(x => LowestRole(x.Request.Method));
        services
            .AddRoleAuthorization()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(byMethod).Build());
    }

    /// <summary>The lowest role that may make a request.</summary>
    public static Role LowestRole(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
            ? Role.Viewer
            : Role.Operator;
}
