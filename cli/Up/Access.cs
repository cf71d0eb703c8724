using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>One line of the gateway's token file.</summary>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="Sha256">Lower-case hex of the token's UTF-8 bytes; the token itself has 256 random bits, so no salt is
/// needed.</param>
public sealed record StoredToken(string Name, string Role, string Sha256, DateTimeOffset CreatedAt);

/// <summary>What the <c>nightshift</c> commands use to reach the gateway.</summary>
/// <param name="Shown">True once a start that succeeded has shown the token to somebody.</param>
public sealed record Credentials(string Url, string Token, bool Shown = false)
{
    /// <returns>Null when nothing was ever started here.</returns>
    /// <exception cref="ProblemException">The file is damaged.</exception>
    public static Credentials? Load(Home home)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(home.Credentials), AccessJson.Default.Credentials);
        }
        catch (IOException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                $"{home.Credentials} cannot be read: {e.Message} Delete it; './nightshift up' then makes a new "
                    + "token and writes it down there."
            );
        }
    }

    public void Save(Home home) =>
        PrivateFile.Write(home.Credentials, JsonSerializer.Serialize(this, AccessJson.Default.Credentials) + "\n");
}

/// <summary>The commands' own token; the gateway knows only its hash.</summary>
public static class Access
{
    const string Name = "operator";

    /// <summary>
    /// Makes the token when there is none, or when it was revoked: who may start the system may use it.
    /// </summary>
    public static Credentials Ensure(Home home, string url, DateTimeOffset now)
    {
        var (known, stored) = (Credentials.Load(home), Stored(home));
        var isGood = known is not null && stored.Any(t => t.Sha256 == Hash(known.Token));
        var credentials = isGood ? known! with { Url = url } : new Credentials(url, $"ns_{Secrets.Random()}");
        if (!isGood)
            Store(
                home,
                [.. stored.Where(t => t.Name != Name), new StoredToken(Name, "operator", Hash(credentials.Token), now)]
            );
        if (credentials != known)
            credentials.Save(home);
        return credentials;
    }

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public static StoredToken[] Stored(Home home)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(home.Tokens), AccessJson.Default.StoredTokenArray) ?? [];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                $"{home.Tokens} cannot be read: {e.Message} Put it right, or delete it: that revokes every token, "
                    + "and './nightshift up' makes a new one."
            );
        }
    }

    public static void Store(Home home, StoredToken[] tokens) =>
        PrivateFile.Write(home.Tokens, JsonSerializer.Serialize(tokens, AccessJson.Default.StoredTokenArray) + "\n");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StoredToken[]))]
[JsonSerializable(typeof(Credentials))]
sealed partial class AccessJson : JsonSerializerContext;
