namespace Nightshift.Plumbing.Auth;

/// <summary>
/// The headers in which the gateway says who is asking. It removes what a client sends under these names.
/// </summary>
public static class GatewayHeaders
{
    /// <summary>
    /// Carries the secret <c>gateway-key</c>, which proves that the other two are the gateway's word.
    /// </summary>
    public const string Key = "X-Nightshift-Gateway-Key";

    /// <summary>The caller's name; absent for a stranger.</summary>
    public const string Caller = "X-Nightshift-Caller";

    /// <summary>The caller's <see cref="Auth.Role"/>; absent for a stranger.</summary>
    public const string Role = "X-Nightshift-Role";
}
