using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// The image of shell tasks that name none: pulled when one is named to pull, else built from Debian packages.
/// </summary>
public static class Toolbox
{
    /// <summary>
    /// No registry answers to <c>localhost</c>, so a missing image can never be replaced by somebody else's of that
    /// name.
    /// </summary>
    public const string Image = "localhost/nightshift/toolbox";

    /// <summary>Where the digest of a pulled image is written down.</summary>
    public static string DigestFile(Home home) => Path.Combine(home.Root, "toolbox-digest");

    /// <summary>
    /// Kept beside the image: an image that was pruned is back within seconds, also without a network.
    /// </summary>
    public static string Archive(Home home, string tag) => Path.Combine(home.Root, $"toolbox-{tag}.tar.gz");

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
                $"The Docker engine at {endpoint} does not take the image {Image}: "
                    + $"{e.GetBaseException().Message.TrimEnd('.')}. If it is the private engine, "
                    + $"{home.Log(Engine.Part)} tells why."
            );
        }
    }

    static async Task Ensure(Home home, string endpoint, Action<string> say, CancellationToken cancellationToken)
    {
        using var engine = Engine.Connect(endpoint);
        if (
            Environment.GetEnvironmentVariable("NIGHTSHIFT_TOOLBOX_IMAGE") is { Length: > 0 } named
            && await HasPulled(home, engine, named, say, cancellationToken)
        )
            return;
        var recipe = Path.Combine(home.Checkout, "images", "toolbox", "build.sh");
        var tag = Tag(await File.ReadAllBytesAsync(recipe, cancellationToken));
        if (!await Exists(engine, $"{Image}:{tag}", cancellationToken))
            await Import(engine, await Build(home, recipe, tag, say, cancellationToken), tag, cancellationToken);
        // a pulled image may have had the name in between
        await SetTag(engine, $"{Image}:{tag}", "latest", cancellationToken);
    }

    /// <summary>
    /// Makes the image again when it is gone, such as after an <c>image prune</c>, until cancelled. Woken by the
    /// engine's own events.
    /// </summary>
    public static async Task KeepAvailable(
        Home home,
        string endpoint,
        Action<string> say,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        for (string? problem = null; ; )
        {
            await ImageEvents.Removal(endpoint, clock, cancellationToken);
            try
            {
                if (await IsAvailable(endpoint, cancellationToken))
                    continue;
                say($"The image {Image} is gone; making it again.");
                await Require(home, endpoint, say, cancellationToken);
                say($"The image {Image} is there again.");
                RestartLog.Append(home, new(clock.GetUtcNow(), $"Made the image {Image} again"));
                problem = null;
            }
            catch (ProblemException e)
            {
                if (e.Message != problem)
                    say(e.Message);
                problem = e.Message;
            }
            catch (HttpRequestException) { } // the engine is away: its own supervision says so
        }
    }

    static async Task<bool> IsAvailable(string endpoint, CancellationToken cancellationToken)
    {
        using var engine = Engine.Connect(endpoint);
        return await Exists(engine, $"{Image}:latest", cancellationToken);
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

    /// <returns>The archive of the image's files.</returns>
    static async Task<string> Build(
        Home home,
        string recipe,
        string tag,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        var archive = Archive(home, tag);
        if (File.Exists(archive))
            return archive;
        if (Machine.Find("mmdebstrap") is null)
            await Packages.Install(["mmdebstrap"], say, cancellationToken);
        say($"Building the image {Image} from Debian packages; this takes about a minute, once …");
        var tar = Path.Combine(home.Root, "toolbox.tar");
        try
        {
            await Shell.Require("Building the image", ["sh", recipe, tar], cancellationToken: cancellationToken);
            await using (var content = File.OpenRead(tar))
            await using (var compressed = new GZipStream(File.Create(archive + ".new"), CompressionLevel.Fastest))
                await content.CopyToAsync(compressed, cancellationToken);
        }
        finally
        {
            File.Delete(tar);
        }
        foreach (var former in Directory.GetFiles(home.Root, "toolbox-recipe-*.tar.gz"))
            File.Delete(former);
        File.Move(archive + ".new", archive, overwrite: true);
        return archive;
    }

    static async Task Import(HttpClient engine, string archive, string tag, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(archive);
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

    /// <summary>Pulls the image that the user names, and writes down the digest of what came.</summary>
    static async Task<bool> HasPulled(
        Home home,
        HttpClient engine,
        string named,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        if (await Pull(engine, named, cancellationToken) is { } failure)
        {
            say($"{named} cannot be pulled ({failure}); building {Image} instead.");
            return false;
        }
        var digest = await Digest(engine, named, cancellationToken) ?? "no digest";
        var former = File.Exists(DigestFile(home))
            ? await File.ReadAllTextAsync(DigestFile(home), cancellationToken)
            : "";
        if (former != $"{named} {digest}\n")
            PrivateFile.Write(DigestFile(home), $"{named} {digest}\n");
        say($"Toolbox     {Image}, pulled as {named}, {digest}");
        return true;
    }

    static async Task<string?> Digest(HttpClient engine, string image, CancellationToken cancellationToken)
    {
        using var answer = await engine.GetAsync($"/images/{image}/json", cancellationToken);
        if (!answer.IsSuccessStatusCode)
            return null;
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        return
            json.RootElement.TryGetProperty("RepoDigests", out var digests)
            && digests is { ValueKind: JsonValueKind.Array }
            && digests.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.String } first
            ? first.GetString()?.Split('@')[^1]
            : null;
    }

    static async Task<string?> Pull(HttpClient engine, string image, CancellationToken cancellationToken)
    {
        // without a tag the engine would pull all there are
        var isExact = image.Contains('@', StringComparison.Ordinal) || image.LastIndexOf(':') > image.LastIndexOf('/');
        using var answer = await engine.PostAsync(
            $"/images/create?fromImage={Uri.EscapeDataString(image)}{(isExact ? "" : "&tag=latest")}",
            null,
            cancellationToken
        );
        if (ErrorIn(await answer.Content.ReadAsStringAsync(cancellationToken)) is { } error)
            return error;
        await SetTag(engine, image, "latest", cancellationToken);
        return null;
    }
}
