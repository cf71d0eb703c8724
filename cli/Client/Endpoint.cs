using System.CommandLine;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Client;

/// <summary>Where the gateway is, and the token to use there.</summary>
/// <param name="Url">The gateway's base URL.</param>
/// <param name="Token">The token; null sends none.</param>
public sealed record Endpoint(Uri Url, string? Token)
{
    public static readonly Option<string?> UrlOption = new("--url")
    {
        Description = "The gateway's URL. Otherwise NIGHTSHIFT_URL, otherwise what up wrote down.",
        HelpName = "url",
    };
    public static readonly Option<string?> TokenOption = new("--token")
    {
        Description = "The token. Otherwise NIGHTSHIFT_TOKEN, otherwise what up wrote down.",
        HelpName = "token",
    };

    /// <summary>Looks on the command line, in the environment, and in the credentials that <c>up</c> left.</summary>
    /// <exception cref="AnswerException">No URL is known, or it is none.</exception>
    public static Endpoint Find(ParseResult parsed)
    {
        var url = parsed.GetValue(UrlOption) ?? Variable("NIGHTSHIFT_URL");
        var token = parsed.GetValue(TokenOption) ?? Variable("NIGHTSHIFT_TOKEN");
        // The token that up wrote down belongs to its own gateway; it is not shown to another.
        var saved = url is null ? Credentials.Load(Home.Find()) : null;
        return Of(url ?? saved?.Url, token ?? saved?.Token);
    }

    /// <exception cref="AnswerException">The URL is missing or is none.</exception>
    public static Endpoint Of(string? url, string? token) =>
        url switch
        {
            null => throw new AnswerException(
                ExitCodes.Unreachable,
                "No Nightshift is known here. Start it with './nightshift up', or say where it is with --url "
                    + "and --token."
            ),
            _ when Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" => new(
                new Uri(url.TrimEnd('/') + "/"),
                token
            ),
            _ => throw new AnswerException(
                ExitCodes.Usage,
                $"'{url}' is not a URL; write for example http://127.0.0.1:8787"
            ),
        };

    static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
