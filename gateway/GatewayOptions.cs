using System.ComponentModel.DataAnnotations;

namespace Nightshift.Gateway;

/// <summary>
/// What the gateway needs to know. Section <c>Nightshift</c>; environment <c>Nightshift__TokensFile</c> and so on.
/// </summary>
public sealed record GatewayOptions
{
    /// <summary>
    /// JSON file of hashed tokens, read again whenever it changes. A missing file lets nobody in. No default.
    /// </summary>
    [Required(
        ErrorMessage = "Nightshift:TokensFile is missing. Set Nightshift__TokensFile to the tokens.json that `nightshift tokens create` writes"
    )]
    public string TokensFile { get; init; } = "";

    /// <summary>
    /// Directory with one file per secret; the gateway needs <c>gateway-key</c>. Null looks it up in the environment
    /// and in <c>pass</c> only.
    /// </summary>
    public string? SecretsDirectory { get; init; }

    /// <summary>Where the services are.</summary>
    public ServiceAddresses Services { get; init; } = new();

    /// <summary>The gateway's own settings.</summary>
    public EdgeOptions Gateway { get; init; } = new();

    /// <summary>The supervisor that started it, if one did.</summary>
    public SupervisorOptions Supervisor { get; init; } = new();
}

/// <summary>
/// What <c>./nightshift up</c> says of itself; nobody else sets it. Section <c>Nightshift:Supervisor</c>.
/// </summary>
public sealed record SupervisorOptions
{
    /// <summary>
    /// Process number, clock ticks from boot to its start, and the kernel's id of the boot, separated by spaces.
    /// Default null: there is no supervisor, as under compose.
    /// </summary>
    public string? Process { get; init; }

    /// <summary>JSON file with the latest restarts: an array of <c>at</c> and <c>text</c>. Default null.</summary>
    public string? RestartLog { get; init; }
}

/// <summary>
/// Base URL of each service, e.g. <c>http://127.0.0.1:8801</c>; of several instances all, separated by semicolons.
/// Requests are spread over them, and one that is away gets none. All are required. Section <c>Nightshift:Services</c>.
/// </summary>
public sealed record ServiceAddresses
{
    /// <summary>The scheduler.</summary>
    [Required(
        ErrorMessage = "Nightshift:Services:Scheduler is missing. Set it to the scheduler's base URL, e.g. http://127.0.0.1:8801"
    )]
    public string? Scheduler { get; init; }

    /// <summary>The executor.</summary>
    [Required(
        ErrorMessage = "Nightshift:Services:Executor is missing. Set it to the executor's base URL, e.g. http://127.0.0.1:8802"
    )]
    public string? Executor { get; init; }

    /// <summary>The receiver of webhooks.</summary>
    [Required(
        ErrorMessage = "Nightshift:Services:Webhooks is missing. Set it to the webhooks service's base URL, e.g. http://127.0.0.1:8803"
    )]
    public string? Webhooks { get; init; }

    /// <summary>The healer.</summary>
    [Required(
        ErrorMessage = "Nightshift:Services:Healer is missing. Set it to the healer's base URL, e.g. http://127.0.0.1:8804"
    )]
    public string? Healer { get; init; }

    /// <summary>The escalation service.</summary>
    [Required(
        ErrorMessage = "Nightshift:Services:Escalation is missing. Set it to the escalation service's base URL, e.g. http://127.0.0.1:8805"
    )]
    public string? Escalation { get; init; }
}

/// <summary>Settings of the door itself. Section <c>Nightshift:Gateway</c>.</summary>
public sealed record EdgeOptions
{
    /// <summary>
    /// PEM file with the certificate and its chain. Set together with <see cref="KeyPath"/>: the gateway then speaks
    /// HTTPS only. Read again when renewed. Default null: HTTP.
    /// </summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file with the certificate's unencrypted private key. Default null.</summary>
    public string? KeyPath { get; init; }

    /// <summary>
    /// Requests without a valid token that one address may make per minute, and as many webhook deliveries without a
    /// signature; 1 to 1,000,000, default 300. Further ones get 429. Signed deliveries are not counted.
    /// </summary>
    [Range(
        1,
        1_000_000,
        ErrorMessage = "Nightshift:Gateway:AnonymousRequestsPerMinute must be a number from 1 to 1000000"
    )]
    public int AnonymousRequestsPerMinute { get; init; } = 300;

    /// <summary>
    /// Addresses (<c>10.0.0.7</c>) or networks (<c>10.0.0.0/8</c>) of proxies before the gateway whose
    /// <c>X-Forwarded-For</c> is believed. Default none: an address is the one that connects, whatever headers say.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];
}
