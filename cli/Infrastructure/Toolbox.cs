using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// The image of shell tasks that name none: pulled when one is named to pull, else built from Debian packages.
/// </summary>
public static class Toolbox
{
    public const string Image = "localhost/nightshift/toolbox";

    /// <exception cref="ProblemException">The image can neither be pulled nor built, or the engine went
    /// away.</exception>
    public static async Task Require(
        Home home,
        string endpoint,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await Ensure(home, endpoint, say, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ProblemException(
                $"The Docker engine at {endpoint} does not take the image {Image}: {e.GetBaseException().Message.TrimEnd('.')}. If it is the private engine, {home.Log(Engine.Part)} tells why."
            );
        }
    }

    static async Task Ensure(Home home, string endpoint, Action<string> say, CancellationToken cancellationToken)
    {
        var recipe = Path.Combine(home.Checkout, "images", "toolbox", "build.sh");
        var tag = Tag(await File.ReadAllBytesAsync(recipe, cancellationToken));
        using var engine = Engine.Connect(endpoint);
        if (Environment.GetEnvironmentVariable("NIGHTSHIFT_TOOLBOX_IMAGE") is { Length: > 0 } named)
        {
            if (await Pull(engine, named, cancellationToken) is not { } failure)
            {
                say($"Toolbox     {Image}, pulled as {named}");
                return;
            }
            say($"{named} cannot be pulled ({failure}); building {Image} instead.");
        }
        if (await Exists(engine, $"{Image}:{tag}", cancellationToken))
        {
            // a pulled image may have had the name in between
            await SetTag(engine, $"{Image}:{tag}", "latest", cancellationToken);
            return;
        }
        await Build(home, engine, recipe, tag, say, cancellationToken);
    }

    /// <summary>Changes with the recipe, so a changed recipe is built again.</summary>
    public static string Tag(byte[] recipe) => $"recipe-{Convert.ToHexStringLower(SHA256.HashData(recipe))[..12]}";

    /// <summary>The engine reports a failure inside a successful answer, as one of many JSON lines.</summary>
    public static string? ErrorIn(string answer)
    {
        foreach (var line in answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("error", out var error))
                return error.GetString();
            if (json.RootElement.TryGetProperty("message", out var message))
                return message.GetString();
        }
        return null;
    }

    static async Task Build(
        Home home,
        HttpClient engine,
        string recipe,
        string tag,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        if (Machine.Find("mmdebstrap") is null)
            await Packages.Install(["mmdebstrap"], say, cancellationToken);
        say($"Building the image {Image} from Debian packages; this takes about a minute, once …");
        var tar = Path.Combine(home.Root, "toolbox.tar");
        try
        {
            await Shell.Require("Building the image", ["sh", recipe, tar], cancellationToken: cancellationToken);
            await using var content = File.OpenRead(tar);
            using var body = new StreamContent(content)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") },
            };
            var changes = Uri.EscapeDataString("CMD [\"sh\"]");
            var environment = Uri.EscapeDataString(
                "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8"
            );
            using var answer = await engine.PostAsync(
                $"/images/create?fromSrc=-&repo={Image}&tag={tag}&changes={changes}&changes={environment}",
                body,
                cancellationToken
            );
            if (ErrorIn(await answer.Content.ReadAsStringAsync(cancellationToken)) is { } error)
                throw new ProblemException($"The engine does not take the image {Image}: {error}");
        }
        finally
        {
            File.Delete(tar);
        }
        await SetTag(engine, $"{Image}:{tag}", "latest", cancellationToken);
    }

    static async Task<bool> Exists(HttpClient engine, string image, CancellationToken cancellationToken)
    {
        using var answer = await engine.GetAsync($"/images/{image}/json", cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    static async Task SetTag(HttpClient engine, string image, string tag, CancellationToken cancellationToken)
    {
        using var answer = await engine.PostAsync(
            $"/images/{image}/tag?repo={Image}&tag={tag}",
            null,
            cancellationToken
        );
        answer.EnsureSuccessStatusCode();
    }

    static async Task<string?> Pull(HttpClient engine, string image, CancellationToken cancellationToken)
    {
        using var answer = await engine.PostAsync(
            $"/images/create?fromImage={Uri.EscapeDataString(image)}{(image.Contains('@', StringComparison.Ordinal) || image.LastIndexOf(':') > image.LastIndexOf('/') ? "" : "&tag=latest")}",
            null,
            cancellationToken
        );
        if (ErrorIn(await answer.Content.ReadAsStringAsync(cancellationToken)) is { } error)
            return error;
        await SetTag(engine, image, "latest", cancellationToken);
        return null;
    }
}
