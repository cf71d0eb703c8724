using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Replay;

/// <summary>One part of a state that an event changed.</summary>
/// <param name="Path">Where in the state's JSON, as a JSON pointer (RFC 6901): <c>/tasks/extract/state</c>.</param>
/// <param name="Before">The JSON before; absent when it was not there.</param>
/// <param name="After">The JSON after; absent when it is gone. Applied in order, the changes make the state after from
/// the state before.</param>
public sealed record StateChange(
    string Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StateValue? Before,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StateValue? After
);

/// <summary>A part of a state. It becomes JSON when it is sent and not before.</summary>
/// <param name="Value">The part.</param>
/// <param name="Type">The type it is written as.</param>
[JsonConverter(typeof(StateValueConverter))]
public sealed record StateValue(object? Value, Type Type)
{
    /// <summary>Its JSON.</summary>
    public JsonElement Json => JsonSerializer.SerializeToElement(Value, Type, Hosting.Json.Options);
}

/// <summary>Writes a <see cref="StateValue"/> as the JSON of its value; reads any JSON.</summary>
public sealed class StateValueConverter : JsonConverter<StateValue>
{
    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override StateValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(JsonElement.ParseValue(ref reader), typeof(JsonElement));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, StateValue value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Value, value.Type, options);
}

/// <summary>
/// What differs between two states of one type, in terms of their JSON. Parts that both share are passed over without
/// being written, so the cost is that of the change and not of the state.
/// </summary>
public static class StateDifference
{
    static readonly JsonSerializerOptions Options = new(Json.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>The parts that differ, in the order in which they make one state of the other.</summary>
    /// <param name="before">The older state.</param>
    /// <param name="after">The newer state.</param>
    /// <param name="type">The type of both.</param>
    /// <param name="changedKeys">Where the state's own dictionaries may differ; null compares all their keys.</param>
    public static IEnumerable<StateChange> Between(
        object? before,
        object? after,
        Type type,
        IReadOnlyCollection<string>? changedKeys = null
    ) => new Comparison(changedKeys).Compare("", before, after, type);

    sealed class Comparison(IReadOnlyCollection<string>? changedKeys)
    {
        public IEnumerable<StateChange> Compare(string path, object? before, object? after, Type declared)
        {
            if (ReferenceEquals(before, after) || before is not null && before.Equals(after))
                return [];
            var type = declared == typeof(object) ? (after ?? before)!.GetType() : declared;
            if (before is null || after is null)
                return [new(path, new StateValue(before, type), new StateValue(after, type))];
            return (Options.GetTypeInfo(type).Kind, before, after) switch
            {
                (JsonTypeInfoKind.Object, _, _) => Members(path, before, after, type),
                (JsonTypeInfoKind.Dictionary, IDictionary a, IDictionary b) => Entries(path, a, b, ValueOf(type)),
                (JsonTypeInfoKind.Enumerable, IList a, IList b) => Elements(path, a, b, ElementOf(type)),
                _ => Whole(path, new StateValue(before, type), new StateValue(after, type)),
            };
        }

        IEnumerable<StateChange> Members(string path, object before, object after, Type type)
        {
            foreach (var member in Options.GetTypeInfo(type).Properties)
                if (member.Get is { } get)
                {
                    var (at, old, now) = (Under(path, member.Name), get(before), get(after));
                    foreach (
                        var change in (IsWritten(member, before, old), IsWritten(member, after, now)) switch
                        {
                            (true, true) => Compare(at, old, now, member.PropertyType),
                            (false, true) => [new(at, Before: null, new StateValue(now, member.PropertyType))],
                            (true, false) => [new(at, new StateValue(old, member.PropertyType), After: null)],
                            _ => (IEnumerable<StateChange>)[],
                        }
                    )
                        yield return change;
                }
        }

        // A member may be left out when it is null, or has its default.
        static bool IsWritten(JsonPropertyInfo member, object of, object? value) =>
            member.ShouldSerialize?.Invoke(of, value) ?? true;

        IEnumerable<StateChange> Entries(string path, IDictionary before, IDictionary after, Type type)
        {
            var ofState = path.LastIndexOf('/') == 0;
            var keys =
                ofState && changedKeys is not null
                    ? changedKeys.Distinct().Where(x => before.Contains(x) || after.Contains(x))
                    : after.Keys.Cast<object>().Concat(before.Keys.Cast<object>().Where(x => !after.Contains(x)));
            foreach (var key in keys)
            {
                var at = Under(path, key.ToString()!);
                foreach (
                    var change in (before.Contains(key), after.Contains(key)) switch
                    {
                        (true, true) => Compare(at, before[key], after[key], type),
                        (false, _) => [new(at, Before: null, new StateValue(after[key], type))],
                        _ => [new(at, new StateValue(before[key], type), After: null)],
                    }
                )
                    yield return change;
            }
        }

        // What is gone from the end goes last first, so that positions hold while the changes are applied.
        IEnumerable<StateChange> Elements(string path, IList before, IList after, Type type)
        {
            for (var i = 0; i < Math.Min(before.Count, after.Count); i++)
                foreach (var change in Compare($"{path}/{i}", before[i], after[i], type))
                    yield return change;
            for (var i = before.Count; i < after.Count; i++)
                yield return new($"{path}/{i}", Before: null, new StateValue(after[i], type));
            for (var i = before.Count - 1; i >= after.Count; i--)
                yield return new($"{path}/{i}", new StateValue(before[i], type), After: null);
        }
    }

    static IEnumerable<StateChange> Whole(string path, StateValue before, StateValue after) =>
        JsonElement.DeepEquals(before.Json, after.Json) ? [] : [new(path, before, after)];

    static string Under(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    static Type ValueOf(Type dictionary) =>
        Implemented(dictionary, typeof(IReadOnlyDictionary<,>))?.GetGenericArguments()[1] ?? typeof(object);

    static Type ElementOf(Type list) =>
        Implemented(list, typeof(IEnumerable<>))?.GetGenericArguments()[0] ?? typeof(object);

    static Type? Implemented(Type type, Type open) =>
        type.GetInterfaces().Prepend(type).FirstOrDefault(x => x.IsGenericType && x.GetGenericTypeDefinition() == open);
}
