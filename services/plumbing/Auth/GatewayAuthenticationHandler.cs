using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Auth;

/// <summary>What the scheme <see cref="GatewayAuthenticationHandler"/> needs.</summary>
public sealed class GatewayAuthenticationOptions : AuthenticationSchemeOptions
{
    /// <summary>The bytes of the secret <c>gateway-key</c>. Empty lets nobody in.</summary>
    public byte[] Key { get; set; } = [];
}

/// <summary>
/// How a service knows its caller: the gateway has authenticated the token, and its key proves that the request came
/// through it.
/// </summary>
public sealed class GatewayAuthenticationHandler(
    IOptionsMonitor<GatewayAuthenticationOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder
) : AuthenticationHandler<GatewayAuthenticationOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "Gateway";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(
            Request.Headers[GatewayHeaders.Key] switch
            {
                [] => AuthenticateResult.NoResult(),
                [{ } key] when IsKey(key) => AuthenticateResult.Success(new(Caller(), SchemeName)),
                _ => AuthenticateResult.Fail("The header does not hold the gateway's key"),
            }
        );

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        PlumbingLog.NotThroughGateway(
            Logger,
            Request.Method,
            Request.Path,
            Context.Connection.RemoteIpAddress?.ToString()
        );
        return Problems.Write(
            Context,
            StatusCodes.Status403Forbidden,
            "not_through_gateway",
            "Services answer the gateway only. Send the request to the gateway's URL, with a token."
        );
    }

    bool IsKey(string key) =>
        Options.Key.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), Options.Key);

    System.Security.Claims.ClaimsPrincipal Caller() =>
        CallerClaims.Principal(
            Request.Headers[GatewayHeaders.Caller] is [{ Length: > 0 } name] ? name : CallerClaims.Anonymous,
            Enum.TryParse<Role>(Request.Headers[GatewayHeaders.Role], ignoreCase: true, out var role)
                ? role
                : Role.None,
            SchemeName
        );
}
