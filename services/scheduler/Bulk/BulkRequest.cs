using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Streams;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Nightshift.Scheduler.Bulk;

/// <summary>Airflow's body of a bulk request: a <c>PATCH</c> of a collection.</summary>
/// <param name="Actions">What to do, in this order; required.</param>
sealed record BulkRequest(IReadOnlyList<BulkAction>? Actions)
{
    /// <summary>
    /// Entities of all actions together at most: each is a transaction, and the caller waits for all.
    /// </summary>
    public const int MostEntities = 1000;

    static readonly string[] Verbs = ["create", "update", "delete"];

    /// <summary>The actions, whose fields are all there.</summary>
    /// <exception cref="RejectedException"><c>invalid_actions</c>, <c>invalid_action</c>, <c>invalid_entities</c>,
    /// <c>invalid_action_on_existence</c>, <c>invalid_action_on_non_existence</c></exception>
    public IReadOnlyList<BulkAction> Check()
    {
        if (Actions is not { Count: > 0 })
            throw new RejectedException("invalid_actions", "'actions' is missing or empty; give a list of actions");
        foreach (var action in Actions)
        {
            if (action is null || !Verbs.Contains(action.Action))
                throw OneOf("action", action?.Action, Verbs);
            if (action.Entities is null)
                throw new RejectedException("invalid_entities", "'entities' of an action is missing; give a list");
            if (action.OnExistence is not (null or "fail" or "skip" or "overwrite"))
                throw OneOf("action_on_existence", action.OnExistence, ["fail", "skip", "overwrite"]);
            if (action.OnNonExistence is not (null or "fail" or "skip"))
                throw OneOf("action_on_non_existence", action.OnNonExistence, ["fail", "skip"]);
        }
        if (Actions.Sum(x => x.Entities!.Count) is > MostEntities and var count)
            throw new RejectedException(
                "invalid_entities",
                $"'entities' are {count} together; give at most {MostEntities} in a request"
            );
        return Actions;
    }

    static RejectedException OneOf(string field, string? value, IEnumerable<string> words) =>
        new($"invalid_{field}", $"'{field}' is '{value}'; give one of {string.Join(", ", words)}");
}

/// <summary>One action of a bulk request.</summary>
/// <param name="Action">create, update or delete.</param>
/// <param name="Entities">What it is done to; for a deletion names are enough.</param>
/// <param name="UpdateMask">Of an update: the fields that count; absent for all that an entity has.</param>
/// <param name="OnExistence">Of a creation, when there is one already: fail (the default), skip or overwrite.</param>
/// <param name="OnNonExistence">Of an update or deletion, when there is none: fail (the default) or skip.</param>
sealed record BulkAction(
    string? Action,
    IReadOnlyList<JsonElement>? Entities,
    [property: JsonPropertyName("update_mask")] string[]? UpdateMask,
    [property: JsonPropertyName("action_on_existence")] string? OnExistence,
    [property: JsonPropertyName("action_on_non_existence")] string? OnNonExistence
)
{
    /// <summary>True when what is there already is passed over.</summary>
    public bool SkipsExisting => OnExistence == "skip";

    /// <summary>True when what is there already is changed.</summary>
    public bool Overwrites => OnExistence == "overwrite";

    /// <summary>True when what is not there is passed over.</summary>
    public bool SkipsMissing => OnNonExistence == "skip";
}

/// <summary>Reads the entities of bulk requests as the bodies of single ones are read.</summary>
sealed class BulkEntities(IOptions<JsonOptions> json)
{
    /// <summary>One entity.</summary>
    /// <exception cref="RejectedException"><c>invalid_entities</c></exception>
    public T Read<T>(JsonElement entity)
    {
        try
        {
            return entity.Deserialize<T>(json.Value.SerializerOptions)
                ?? throw new RejectedException("invalid_entities", "'entities' holds null; leave it out");
        }
        catch (JsonException e)
        {
            throw new RejectedException(
                "invalid_entities",
                $"'entities' holds one that does not have the fields that belong there; look at {e.Path ?? "$"} in it"
            );
        }
    }
}
