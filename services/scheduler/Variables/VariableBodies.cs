using System.Text.Json;
using System.Text.Json.Serialization;
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

/// <summary>Several changes in one request, as in Airflow: each action is done as a whole, or not at all.</summary>
/// <param name="Actions">At most 100, carried out in order.</param>
sealed record BulkVariables(IReadOnlyList<BulkVariableAction>? Actions)
{
    /// <summary>Actions at most.</summary>
    public const int MostActions = 100;

    /// <summary>Entities of one action at most.</summary>
    public const int MostEntities = 1000;
}

/// <summary>One action.</summary>
/// <param name="Action"><c>create</c>, <c>update</c> or <c>delete</c>.</param>
/// <param name="Entities">Variables; of <c>delete</c> keys.</param>
/// <param name="ActionOnExistence">Of <c>create</c>, for those that exist: <c>fail</c> (the default), <c>skip</c> or
/// <c>overwrite</c>.</param>
/// <param name="ActionOnNonExistence">Of the others, for those that do not: <c>fail</c> (the default) or
/// <c>skip</c>.</param>
sealed record BulkVariableAction(
    string? Action,
    IReadOnlyList<JsonElement>? Entities,
    [property: JsonPropertyName("action_on_existence")] string? ActionOnExistence,
    [property: JsonPropertyName("action_on_non_existence")] string? ActionOnNonExistence
);

/// <summary>What became of the actions of each kind; null for a kind that was not asked for.</summary>
sealed record BulkVariableResult(BulkActionResult? Create, BulkActionResult? Update, BulkActionResult? Delete);

/// <summary>What became of the actions of one kind.</summary>
/// <param name="Success">The keys that are as asked.</param>
/// <param name="Errors">Why actions were not carried out.</param>
sealed record BulkActionResult(IReadOnlyList<string> Success, IReadOnlyList<BulkError> Errors)
{
    /// <summary>Both together.</summary>
    public static BulkActionResult Add(BulkActionResult? one, BulkActionResult two) =>
        one is null ? two : new([.. one.Success, .. two.Success], [.. one.Errors, .. two.Errors]);
}

/// <summary>Why an action was not carried out; nothing of it was.</summary>
sealed record BulkError(string Error, int StatusCode);
