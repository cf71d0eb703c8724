using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Auth;

namespace Nightshift.Gateway.Tokens;

/// <summary>
/// Establishes who is asking, from the token in the <c>Authorization</c> header. The token's entry is a feature of the
/// request.
/// </summary>
sealed class TokenAuthenticationHandler(
    TokenStore tokens,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    const string Prefix = "Bearer ";

    bool Given => Request.Headers.Authorization.Count > 0;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    AuthenticateResult Authenticate()
    {
        if (
            Request.Headers.Authorization is not [{ } header]
            || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        )
            return AuthenticateResult.NoResult();
        if (tokens.Find(header[Prefix.Length..].Trim()) is not { } entry)
            return AuthenticateResult.Fail("The token is not known");
        Context.Features.Set(entry);
        return AuthenticateResult.Success(new(CallerClaims.Principal(entry.Name, entry.Role, SchemeName), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Given
            ? "Bearer realm=\"nightshift\", error=\"invalid_token\""
            : "Bearer realm=\"nightshift\"";
        return Given ? TokenProblems.Unknown(Context) : TokenProblems.Missing(Context);
    }
}
