using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Gateway.Tokens;

/// <summary>Establishes who is asking, and lets in who may.</summary>
static class AuthenticationMiddleware
{
    /// <summary>
    /// Replaces whatever the client claims in the headers that services trust by what its token says. From here on
    /// <see cref="Caller.Of"/> is the truth.
    /// </summary>
    public static void UseCaller(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var headers = context.Request.Headers;
                headers.Remove(GatewayKeyMiddleware.KeyHeader);
                var caller = context.RequestServices.GetRequiredService<TokenBook>().Identify(headers.Authorization);
                headers[Caller.NameHeader] = caller.Name;
                headers[Caller.RoleHeader] = caller.Role.ToString();
                return next(context);
            }
        );

    /// <summary>Answers 401 and 403.</summary>
    public static void UseDoor(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var (method, path, caller) = (context.Request.Method, context.Request.Path, Caller.Of(context));
                return Access.Judge(method, path, caller.Role) switch
                {
                    Verdict.Allowed => next(context),
                    Verdict.Unknown => Unknown(context),
                    _ => Problems.Write(
                        context,
                        StatusCodes.Status403Forbidden,
                        "role_missing",
                        $"{method} {path} needs the role {Word(Access.Floor(method, path))}; the token '{caller.Name}' has {Word(caller.Role)}."
                    ),
                };
            }
        );

    static Task Unknown(HttpContext context)
    {
        var given = context.Request.Headers.Authorization.Count > 0;
        context.Response.Headers.WWWAuthenticate = given
            ? "Bearer realm=\"nightshift\", error=\"invalid_token\""
            : "Bearer realm=\"nightshift\"";
        return Problems.Write(
            context,
            StatusCodes.Status401Unauthorized,
            given ? "token_unknown" : "token_missing",
            (
                given
                    ? "This token is not known here, or was revoked. "
                    : "This needs a token: send the header 'Authorization: Bearer <token>', or give the commands one with --token. "
            ) + "`nightshift tokens create` on the machine that runs Nightshift makes one."
        );
    }

    static string Word(Role role) => role.ToString().ToLowerInvariant();
}
