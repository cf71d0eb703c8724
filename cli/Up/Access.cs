using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>One line of the gateway's token file.</summary>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="Sha256">Lower-case hex of the token's UTF-8 bytes; the token itself has 256 random bits, so no salt is needed.</param>
public sealed record StoredToken(string Name, string Role, string Sha256, DateTimeOffset CreatedAt);

/// <summary>What the <c>nightshift</c> commands use to reach the gateway.</summary>
public sealed record Credentials(string Url, string Token)
{
    /// <returns>Null when nothing was ever started here.</returns>
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
    }

    public void Save(Home home) => PrivateFile.Write(home.Credentials, JsonSerializer.Serialize(this, AccessJson.Default.Credentials) + "\n");
}

/// <summary>The first token, made once; the gateway knows only its hash.</summary>
public static class Access
{
    /// <returns>The token, and whether it was made just now.</returns>
    public static (Credentials Credentials, bool IsNew) Ensure(Home home, string url, DateTimeOffset now)
    {
        var known = Credentials.Load(home);
        var token = known?.Token ?? $"ns_{Secrets.Random()}";
        var credentials = new Credentials(url, token);
        var isNew = !Stored(home).Any(t => t.Sha256 == Hash(token));
        if (isNew) Store(home, [.. Stored(home), new StoredToken("operator", "operator", Hash(token), now)]);
        if (credentials != known) credentials.Save(home);
        return (credentials, isNew);
    }

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public static StoredToken[] Stored(Home home)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(home.Tokens), AccessJson.Default.StoredTokenArray) ?? [];
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (JsonException e)
        {
            throw new ProblemException($"{home.Tokens} cannot be read: {e.Message}");
        }
    }

    public static void Store(Home home, StoredToken[] tokens) =>
        PrivateFile.Write(home.Tokens, JsonSerializer.Serialize(tokens, AccessJson.Default.StoredTokenArray) + "\n");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StoredToken[]))]
[JsonSerializable(typeof(Credentials))]
sealed partial class AccessJson : JsonSerializerContext;
