using Nightshift.Plumbing.Hosting;

namespace Nightshift.Gateway.Tokens;

/// <summary>401 with what to do about it.</summary>
static class TokenProblems
{
    const string Make = "`nightshift tokens create` on the machine that runs Nightshift makes one.";

    public static Task Missing(HttpContext context) =>
        Problems.Write(
            context,
            StatusCodes.Status401Unauthorized,
            "token_missing",
            "This needs a token: send the header 'Authorization: Bearer <token>', or give the commands one "
                + "with --token. "
                + Make
        );

    public static Task Unknown(HttpContext context) =>
        Problems.Write(
            context,
            StatusCodes.Status401Unauthorized,
            "token_unknown",
            $"This token is not known here, or was revoked. {Make}"
        );
}
