using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Nightshift.Plumbing.Secrets;
using Nightshift.Plumbing.Streams;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// The secrets an attempt was given, for masking its output, from before its container is made until its end: whoever
/// takes the attempt over masks what the task really knows, although the secret was replaced or removed meanwhile.
/// Sealed with AES-256-GCM; the key is derived from the secret <c>gateway-key</c>, which every service has and no task
/// gets, so the database alone gives nothing away.
/// </summary>
public sealed class SealedSecrets(NpgsqlDataSource database, SecretStore secrets)
{
    const int NonceLength = 12;
    const int TagLength = 16;

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(
            new PostgresqlObjectName("executor", "sealed_secrets", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("attempt_id").AsPrimaryKey();
        table.AddColumn("sealed", "bytea").NotNull();
        return table;
    }

    /// <summary>Seals the secrets of one attempt.</summary>
    public async Task<byte[]> Seal(string attemptId, IReadOnlyList<string> values, CancellationToken cancellationToken)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(values);
        var whole = new byte[NonceLength + TagLength + plain.Length];
        RandomNumberGenerator.Fill(whole.AsSpan(0, NonceLength));
        using var aes = new AesGcm(await Key(cancellationToken), TagLength);
        aes.Encrypt(
            whole.AsSpan(0, NonceLength),
            plain,
            whole.AsSpan(NonceLength + TagLength),
            whole.AsSpan(NonceLength, TagLength),
            Encoding.UTF8.GetBytes(attemptId) // a row copied to another attempt opens nothing
        );
        return whole;
    }

    /// <summary>The row that keeps sealed secrets.</summary>
    public static RowChange Keep(string attemptId, byte[] whole) =>
        new(
            "insert into executor.sealed_secrets (attempt_id, sealed) values (?, ?) "
                + "on conflict (attempt_id) do update set sealed = excluded.sealed",
            attemptId,
            whole
        );

    /// <summary>Removes it.</summary>
    public static RowChange Forget(string attemptId) =>
        new("delete from executor.sealed_secrets where attempt_id = ?", attemptId);

    /// <summary>The secrets an attempt was given; none when it was given none.</summary>
    /// <exception cref="CryptographicException">They were sealed with another key.</exception>
    public async Task<IReadOnlyList<string>> Open(string attemptId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select sealed from executor.sealed_secrets where attempt_id = $1"
        );
        command.Parameters.Add(new() { Value = attemptId });
        if (
            await command.ExecuteScalarAsync(cancellationToken)
            is not byte[] { Length: > NonceLength + TagLength } whole
        )
            return [];
        var plain = new byte[whole.Length - NonceLength - TagLength];
        using var aes = new AesGcm(await Key(cancellationToken), TagLength);
        aes.Decrypt(
            whole.AsSpan(0, NonceLength),
            whole.AsSpan(NonceLength + TagLength),
            whole.AsSpan(NonceLength, TagLength),
            plain,
            Encoding.UTF8.GetBytes(attemptId)
        );
        return JsonSerializer.Deserialize<string[]>(plain) ?? [];
    }

    async Task<byte[]> Key(CancellationToken cancellationToken) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            Encoding.UTF8.GetBytes(await secrets.Require("gateway-key", cancellationToken)),
            outputLength: 32,
            info: "nightshift executor sealed secrets"u8.ToArray()
        );
}
