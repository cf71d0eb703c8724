using System.Security.Cryptography;
using FsCheck.Xunit;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Secrets;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Receiving;

public sealed class SignatureTests
{
    [Fact]
    public void Every_signature_vector_is_judged_as_it_should_be()
    {
        var wrong = Vectors.Signatures.Where(x => Accepts(x) != x.ExpectValid).Select(x => $"{x.Id}: {x.Why}");
        Assert.Empty(wrong);
        Assert.NotEmpty(Vectors.Signatures);
    }

    [Fact]
    public async Task Only_the_first_line_of_a_secret_file_counts()
    {
        var vector = Vectors.Signatures.Single(x => x.PassOutput is not null);
        var directory = Directory.CreateTempSubdirectory();
        await File.WriteAllTextAsync(
            Path.Combine(directory.FullName, WebhookSecrets.Current),
            vector.PassOutput,
            TestContext.Current.CancellationToken
        );
        var secrets = new WebhookSecrets(
            new SecretStore(
                Options.Create(new NightshiftOptions { SecretsDirectory = directory.FullName }),
                TimeProvider.System
            )
        );
        Assert.True(Accepts(vector, [.. await secrets.All(TestContext.Current.CancellationToken)]));
        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17 ")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043exx")]
    [InlineData("SHA256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    public void A_malformed_signature_is_refused_without_looking_at_the_body(string? header) =>
        Assert.False(Signature.IsWellFormed(header));

    [Property]
    public bool It_does_not_matter_in_which_pieces_a_body_arrives(byte[] body, byte cut)
    {
        var at = body.Length == 0 ? 0 : cut % body.Length;
        using var whole = new BodyHasher(["a", "b"]);
        using var pieces = new BodyHasher(["a", "b"]);
        whole.Append(body);
        pieces.Append(body.AsSpan(..at));
        pieces.Append(body.AsSpan(at..));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData("b"u8, body));
        return pieces.Matches($"sha256={signature}") && whole.Sha256() == pieces.Sha256();
    }

    static bool Accepts(SignatureVector x) => Accepts(x, [.. (x.Secrets ?? [x.Secret]).OfType<string>()]);

    static bool Accepts(SignatureVector x, string[] secrets)
    {
        using var hasher = new BodyHasher(secrets);
        hasher.Append(Convert.FromBase64String(x.BodyBase64));
        return hasher.Matches(x.HeaderName == Signature.Header ? x.HeaderValue : null);
    }
}
