using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Auth;

/// <summary>Answers a caller whose role is too low with problem details that name the role.</summary>
sealed class AuthorizationProblems : IAuthorizationMiddlewareResultHandler
{
    readonly AuthorizationMiddlewareResultHandler framework = new();

    public Task HandleAsync(
        RequestDelegate next,
        HttpContext context,
        AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult
    ) =>
        authorizeResult.Forbidden
            ? Forbid(context, authorizeResult.AuthorizationFailure)
            : framework.HandleAsync(next, context, policy, authorizeResult);

    static Task Forbid(HttpContext context, AuthorizationFailure? failure)
    {
        var (request, user) = (context.Request, context.User);
        var needed = failure?.FailedRequirements.OfType<RoleRequirement>().Select(x => x.LowestFor(context)).ToList();
        return needed is [_, ..]
            ? Problems.Write(
                context,
                StatusCodes.Status403Forbidden,
                Problems.RoleMissing,
                $"{request.Method} {request.Path} needs the role {Word(needed.Max())}; "
                    + $"the token '{user.CallerName()}' has {Word(user.CallerRole())}."
            )
            : Problems.Write(
                context,
                StatusCodes.Status403Forbidden,
                "forbidden",
                $"{request.Method} {request.Path} is open to nobody."
            );
    }

    static string Word(Role role) => role.ToString().ToLowerInvariant();
}
