using System.Text.Json;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Variables;

/// <summary>
/// Carries out several changes of variables. All of an action is checked before any of it is done; a fault of the
/// database in between leaves what was done, and the same action again does the rest.
/// </summary>
sealed class VariableChanges(StreamStore<Variable> variables, VariableTable rows, TimeProvider clock)
{
    /// <exception cref="RejectedException"><c>invalid_actions</c></exception>
    public async Task<BulkVariableResult> Make(BulkVariables bulk, string by, CancellationToken cancellationToken)
    {
        if (bulk.Actions is not { Count: > 0 and <= BulkVariables.MostActions } actions)
            throw Invalid($"'actions' must list 1 to {BulkVariables.MostActions} actions");
        foreach (var (i, action) in actions.Index())
            Check(action, $"actions[{i}]");
        var results = new Dictionary<string, BulkActionResult>();
        foreach (var action in actions)
            results[action.Action!] = BulkActionResult.Add(
                results.GetValueOrDefault(action.Action!),
                await Make(action, by, cancellationToken)
            );
        return new(
            results.GetValueOrDefault("create"),
            results.GetValueOrDefault("update"),
            results.GetValueOrDefault("delete")
        );
    }

    static void Check(BulkVariableAction action, string path)
    {
        if (action?.Action is not ("create" or "update" or "delete"))
            throw Invalid($"'{path}.action' is '{action?.Action}'; give create, update or delete");
        if (action.Entities is not { Count: <= BulkVariables.MostEntities })
            throw Invalid($"'{path}.entities' must be a list of at most {BulkVariables.MostEntities}");
        if (action.ActionOnExistence is not (null or "fail" or "skip" or "overwrite"))
            throw Invalid(
                $"'{path}.action_on_existence' is '{action.ActionOnExistence}'; give fail, skip or overwrite"
            );
        if (action.ActionOnNonExistence is not (null or "fail" or "skip"))
            throw Invalid($"'{path}.action_on_non_existence' is '{action.ActionOnNonExistence}'; give fail or skip");
    }

    async Task<BulkActionResult> Make(BulkVariableAction action, string by, CancellationToken cancellationToken)
    {
        var done = new List<string>();
        try
        {
            foreach (var (key, decide) in await Prepare(action, by, cancellationToken))
            {
                await variables.Transact(key, decide, cancellationToken);
                done.Add(key);
            }
            return new(done, []);
        }
        catch (RejectedException e) // the same as for one variable; the other actions go on
        {
            return new(done, [new(e.Message, Problems.StatusOf(e))]);
        }
    }

    async Task<IReadOnlyList<(string Key, Func<Variable, IReadOnlyList<object>> Decide)>> Prepare(
        BulkVariableAction action,
        string by,
        CancellationToken cancellationToken
    )
    {
        var at = clock.GetUtcNow();
        if (action.Action == "delete")
        {
            var keys = action.Entities!.Select(KeyOf).Distinct().ToList();
            var kept = await Present(keys, action.ActionOnNonExistence is "skip", cancellationToken);
            return [.. kept.Select(x => (x, Decide(v => VariableDecider.Decide(v, new DeleteVariable(x, by, at)))))];
        }
        var entities = action.Entities!.Select(EntityOf).ToList();
        if (action.Action == "update")
        {
            var kept = await Present(
                [.. entities.Select(x => x.RequiredKey())],
                action.ActionOnNonExistence is "skip",
                cancellationToken
            );
            return
            [
                .. entities
                    .Where(x => kept.Contains(x.Key!))
                    .Select(x => new ChangeVariable(x.Key!, x.Text(), x.Description, by, at))
                    .Select(x => (Checked(x), Decide(v => VariableDecider.Decide(v, x)))),
            ];
        }
        var created = entities
            .Select(x => new CreateVariable(x.RequiredKey(), x.Content(), by, at)
            {
                Overwrites = action.ActionOnExistence is "overwrite",
            })
            .ToList();
        foreach (var x in created)
            VariableDecider.Check(x.Key, x.Content);
        var existing = await rows.Find([.. created.Select(x => x.Key)], cancellationToken);
        if (action.ActionOnExistence is null or "fail" && created.Find(x => existing.ContainsKey(x.Key)) is { } there)
            throw VariableDecider.Exists(there.Key);
        return
        [
            .. created
                .Where(x => x.Overwrites || !existing.ContainsKey(x.Key))
                .Select(x => (x.Key, Decide(v => VariableDecider.Decide(v, x)))),
        ];
    }

    static string Checked(ChangeVariable change)
    {
        VariableDecider.Check(change.Key, new(change.Value ?? "", change.Description));
        return change.Key;
    }

    async Task<IReadOnlyList<string>> Present(
        IReadOnlyList<string> keys,
        bool skips,
        CancellationToken cancellationToken
    )
    {
        var existing = await rows.Find(keys, cancellationToken);
        return skips || keys.FirstOrDefault(x => !existing.ContainsKey(x)) is not { } missing
            ? [.. keys.Where(existing.ContainsKey)]
            : throw VariableDecider.Unknown(missing);
    }

    static Func<Variable, IReadOnlyList<object>> Decide(Func<Variable, IReadOnlyList<VariableEvent>> decide) => decide;

    static string KeyOf(JsonElement entity) =>
        entity.ValueKind is JsonValueKind.String
            ? entity.GetString()!
            : throw Invalid("'entities' of a delete must be keys: texts");

    static VariableRequest EntityOf(JsonElement entity)
    {
        if (entity.ValueKind is not JsonValueKind.Object)
            throw Invalid("'entities' must be variables: { key, value, description }");
        return new(
            TextOf(entity, "key"),
            entity.TryGetProperty("value", out var value) ? value : null,
            TextOf(entity, "description")
        );
    }

    static string? TextOf(JsonElement entity, string name) =>
        !entity.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null ? null
        : value.ValueKind is JsonValueKind.String ? value.GetString()
        : throw Invalid($"'{name}' of a variable must be text");

    static RejectedException Invalid(string text) => new("invalid_actions", text);
}
