using System.Text.Json.Serialization;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Bulk;

/// <summary>
/// What came of a bulk request, in Airflow's shape. A kind of action that was not asked for is absent.
/// </summary>
sealed record BulkAnswer
{
    /// <summary>What was created.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BulkResult? Create { get; private set; }

    /// <summary>What was updated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BulkResult? Update { get; private set; }

    /// <summary>What was deleted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BulkResult? Delete { get; private set; }

    /// <summary>
    /// Carries out the actions, entity by entity. Each is done whole or not at all, and one that is refused does not
    /// keep the others from being done.
    /// </summary>
    /// <param name="actions">What to do: for each entity of an action its name and what does it, which answers false
    /// when there is nothing to do.</param>
    public static async Task<BulkAnswer> Of(
        IEnumerable<(BulkAction Action, IReadOnlyList<(string Key, Func<Task<bool>> Do)> Entities)> actions
    )
    {
        var answer = new BulkAnswer();
        foreach (var (action, entities) in actions)
        {
            var result = answer.Of(action.Action!);
            foreach (var (key, act) in entities)
                try
                {
                    if (await act())
                        result.Success.Add(key);
                }
                catch (RejectedException e) when (e.NotFound && action is { SkipsMissing: true, Action: not "create" })
                { }
                catch (RejectedException e)
                {
                    result.Errors.Add(new(key, e.Code, e.Message, Problems.StatusOf(e)));
                }
        }
        return answer;
    }

    BulkResult Of(string action) =>
        action switch
        {
            "create" => Create ??= new([], []),
            "update" => Update ??= new([], []),
            _ => Delete ??= new([], []),
        };
}

/// <summary>What came of one kind of action.</summary>
/// <param name="Success">Names of what was done; what was passed over is in neither list.</param>
/// <param name="Errors">What was refused.</param>
sealed record BulkResult(List<string> Success, List<BulkError> Errors);

/// <summary>Why an entity was refused.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Code">For programs, as in problem details.</param>
/// <param name="Error">For people.</param>
/// <param name="StatusCode">The status of the single request.</param>
sealed record BulkError(string Key, string Code, string Error, int StatusCode);
