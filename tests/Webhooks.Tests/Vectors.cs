using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Testing;

namespace Nightshift.Webhooks.Tests;

/// <summary>
/// Real payloads and signatures kept outside this repository; tests that need them skip where they are absent.
/// </summary>
static class Vectors
{
    public static IReadOnlyList<SignatureVector> Signatures => Read<SignatureFile>("signature_vectors.json").Vectors;

    /// <summary>Every body of the corpus that is present, with the status it should be answered with.</summary>
    public static IReadOnlyList<CorpusBody> Corpus() =>
        [
            .. Read<List<CorpusBody>>("payloads/index.json")
                .Select(x => x with { File = $"payloads/{x.File}", Expect = "accept" })
                .Where(Present),
            .. Read<List<CorpusBody>>("tricky/index.json")
                .Select(x => x with { File = x.File.Replace("_tricky/", "tricky/", StringComparison.Ordinal) })
                .Where(Present),
        ];

    public static byte[] Body(string file) => File.ReadAllBytes(PathOf(file));

    static bool Present(CorpusBody body) => File.Exists(PathOf(body.File));

    static T Read<T>(string file) => JsonSerializer.Deserialize<T>(Body(file), JsonSerializerOptions.Web)!;

    static string PathOf(string file) => Path.Combine(SharedData.Path("vectors/webhooks"), file);

    sealed record SignatureFile(IReadOnlyList<SignatureVector> Vectors);
}

/// <summary>A signature with the verdict a receiver should come to.</summary>
sealed record SignatureVector(
    string Id,
    string Secret,
    IReadOnlyList<string>? Secrets,
    [property: JsonPropertyName("body_b64")] string BodyBase64,
    [property: JsonPropertyName("header_name")] string HeaderName,
    [property: JsonPropertyName("header_value")] string? HeaderValue,
    [property: JsonPropertyName("expect_valid")] bool ExpectValid,
    [property: JsonPropertyName("pass_output")] string? PassOutput,
    string Why
);

/// <summary>A body of the corpus.</summary>
sealed record CorpusBody(
    string Event,
    string File,
    [property: JsonPropertyName("content_type")] string? ContentType,
    string Expect,
    string? Why
)
{
    public override string ToString() => File;
}
