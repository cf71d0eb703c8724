using System.Text;
using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Text;

namespace Nightshift.Scheduler.Variables;

/// <summary>Make a variable.</summary>
public sealed record CreateVariable(string Key, VariableContent Content, string By, DateTimeOffset At)
{
    /// <summary>One that exists gets the new content.</summary>
    public bool Overwrites { get; init; }
}

/// <summary>Change a variable; what is null stays as it is.</summary>
public sealed record ChangeVariable(string Key, string? Value, string? Description, string By, DateTimeOffset At);

/// <summary>Remove a variable.</summary>
public sealed record DeleteVariable(string Key, string By, DateTimeOffset At);

/// <summary>The rules of variables.</summary>
public static class VariableDecider
{
    /// <summary>The longest value, in bytes of UTF-8: that of an output.</summary>
    public const int LongestValue = 32 * 1024;

    /// <summary>The longest description, in characters.</summary>
    public const int LongestDescription = 1000;

    /// <returns>No events when it has this content already.</returns>
    /// <exception cref="RejectedException"><c>variable_exists</c>, <c>invalid_key</c>, <c>invalid_value</c>,
    /// <c>invalid_description</c></exception>
    public static IReadOnlyList<VariableEvent> Decide(Variable variable, CreateVariable create)
    {
        Check(create.Key, create.Content);
        if (variable.Content is not null && !create.Overwrites)
            throw Exists(create.Key);
        return variable.Content == create.Content ? [] : [Set(create.Key, create.Content, create.By, create.At)];
    }

    /// <returns>No events when it has these values already.</returns>
    /// <exception cref="RejectedException"><c>unknown_variable</c>, <c>invalid_value</c>, <c>invalid_description</c>
    /// </exception>
    public static IReadOnlyList<VariableEvent> Decide(Variable variable, ChangeVariable change)
    {
        var present = variable.Content ?? throw Unknown(change.Key);
        var content = new VariableContent(
            change.Value ?? present.Value,
            change.Description switch
            {
                null => present.Description,
                "" => null, // as when it is made
                _ => change.Description,
            }
        );
        Check(change.Key, content);
        return content == present ? [] : [Set(change.Key, content, change.By, change.At)];
    }

    /// <exception cref="RejectedException"><c>unknown_variable</c></exception>
    public static IReadOnlyList<VariableEvent> Decide(Variable variable, DeleteVariable delete) =>
        variable.Content is null ? throw Unknown(delete.Key) : [new VariableDeleted(delete.Key, delete.By, delete.At)];

    /// <summary>Refuses what no variable may be.</summary>
    /// <exception cref="RejectedException"><c>invalid_key</c>, <c>invalid_value</c>, <c>invalid_description</c>
    /// </exception>
    public static void Check(string key, VariableContent content)
    {
        if (VariableKey.Mistake(key) is { } mistake)
            throw new RejectedException("invalid_key", $"'key' is '{Excerpt.Start(key, 60)}'; {mistake}");
        if (Encoding.UTF8.GetByteCount(content.Value) is > LongestValue and var bytes)
            throw new RejectedException(
                "invalid_value",
                $"'value' of variable '{key}' has {bytes} bytes; give at most {LongestValue}"
            );
        if (SecretIn(content.Value) is { } name)
            throw new RejectedException(
                "invalid_value",
                $"'value' of variable '{key}' has the key '{Excerpt.Start(name, 60)}'; {VariableKey.SecretAdvice}"
            );
        if (content.Description?.Length > LongestDescription)
            throw new RejectedException(
                "invalid_description",
                $"'description' of variable '{key}' has {content.Description.Length} characters; give at most "
                    + $"{LongestDescription}"
            );
    }

    /// <summary>The refusal of a key that no variable has.</summary>
    public static RejectedException Unknown(string key) =>
        new(
            "unknown_variable",
            $"There is no variable '{Excerpt.Start(key, 60)}'; 'nightshift variables list' shows those there are"
        );

    /// <summary>The refusal of a key that a variable has already.</summary>
    public static RejectedException Exists(string key) =>
        new(
            "variable_exists",
            $"There is a variable '{key}' already; change it with PATCH, or 'nightshift variables set'"
        );

    static VariableSet Set(string key, VariableContent x, string by, DateTimeOffset at) =>
        new(key, x.Value, x.Description, by, at);

    // Airflow masks such members of a value; here nobody has to.
    static string? SecretIn(string value)
    {
        if (value.TrimStart() is not ['{' or '[', ..])
            return null;
        try
        {
            return SecretIn(JsonSerializer.Deserialize<JsonElement>(value));
        }
        // The second for half of a surrogate pair in an escape. Neither is JSON for templates.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    static string? SecretIn(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().Select(SecretIn).FirstOrDefault(x => x is not null),
            JsonValueKind.Object => value
                .EnumerateObject()
                .Select(x => SecretNames.LooksSecret(x.Name) ? x.Name : SecretIn(x.Value))
                .FirstOrDefault(x => x is not null),
            _ => null,
        };
}
