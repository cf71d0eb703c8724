using System.Text.Json;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Variables;

/// <summary>A variable that is made or changed; names are Airflow's.</summary>
/// <param name="Key">Its key, as <see cref="VariableKey.Rule"/> says.</param>
/// <param name="Value">Its value: a text, or any other JSON but null, of which the text is kept; 32 KiB at most.</param>
/// <param name="Description">What it is, for people, at most 1000 characters; null for nothing.</param>
sealed record VariableRequest(string? Key, JsonElement? Value, string? Description)
{
    /// <exception cref="RejectedException"><c>invalid_key</c></exception>
    public string RequiredKey() =>
        Key ?? throw new RejectedException("invalid_key", $"'key' is missing; give {VariableKey.Rule}");

    /// <exception cref="RejectedException"><c>invalid_value</c></exception>
    public VariableContent Content() =>
        new(
            Text()
                ?? throw new RejectedException(
                    "invalid_value",
                    $"'value' of variable '{Key}' is missing; give a text, or any other JSON but null"
                ),
            Description is "" ? null : Description
        );

    /// <summary>The value as it is kept; null for none.</summary>
    public string? Text() =>
        Value switch
        {
            null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
            { ValueKind: JsonValueKind.String } x => x.GetString(),
            { } x => x.GetRawText(),
        };
}

/// <summary>A variable. <paramref name="IsEncrypted"/> is false: what needs to be is a secret, and no variable.</summary>
sealed record VariableBody(string Key, string Value, string? Description, bool IsEncrypted)
{
    public static VariableBody Of(VariableRow x) => new(x.Key, x.Value, x.Description, IsEncrypted: false);
}

/// <summary>A page of variables.</summary>
sealed record VariableCollection(IReadOnlyList<VariableBody> Variables, int TotalEntries);
