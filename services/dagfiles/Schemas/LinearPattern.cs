using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Json.More;
using Json.Schema;

namespace Nightshift.DagFiles.Schemas;

/// <summary>
/// The keyword <c>pattern</c>, matched in time that is linear in the value. JsonSchema.Net's own backtracks, without a
/// limit of time: <c>^(a+)+$</c> and 30 characters take a minute.
/// </summary>
[SchemaKeyword(PatternKeyword.Name)]
[SchemaSpecVersion(SpecVersion.Draft6)]
[SchemaSpecVersion(SpecVersion.Draft7)]
[SchemaSpecVersion(SpecVersion.Draft201909)]
[SchemaSpecVersion(SpecVersion.Draft202012)]
[Vocabulary(Vocabularies.Validation201909Id)]
[Vocabulary(Vocabularies.Validation202012Id)]
[JsonConverter(typeof(LinearPatternConverter))]
sealed class LinearPattern(string pattern) : IJsonSchemaKeyword
{
    // Other schemas of the process, such as that of a DAG file, may look ahead: they are no user's.
    readonly Regex regex = MistakeIn(pattern) is null
        ? Compile(pattern)
        : new(pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));

    /// <summary>The pattern as the schema has it.</summary>
    public string Pattern => pattern;

    /// <summary>Takes the place of the library's keyword in this process.</summary>
    public static void Register() => SchemaKeywordRegistry.Register<LinearPattern>(LinearPatternJson.Default);

    /// <summary>Why a text is no pattern that can be matched in linear time; null when it is one.</summary>
    public static string? MistakeIn(string pattern)
    {
        try
        {
            Compile(pattern);
            return null;
        }
        catch (RegexParseException e)
        {
            return e.Message;
        }
        catch (NotSupportedException)
        {
            return "it looks ahead, looks behind or refers back, or is too large, which may take for ever; write it "
                + "without";
        }
    }

    /// <inheritdoc/>
    public KeywordConstraint GetConstraint(
        SchemaConstraint schemaConstraint,
        ReadOnlySpan<KeywordConstraint> localConstraints,
        EvaluationContext context
    ) => new(PatternKeyword.Name, Evaluate);

    void Evaluate(KeywordEvaluation evaluation, EvaluationContext context)
    {
        if (
            evaluation.LocalInstance is JsonValue value
            && value.TryGetValue<string>(out var text)
            && !regex.IsMatch(text)
        )
            evaluation.Results.Fail(PatternKeyword.Name, $"it does not match the pattern '{pattern}'");
    }

    static Regex Compile(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}

/// <summary>Reads and writes <see cref="LinearPattern"/>.</summary>
sealed class LinearPatternConverter : WeaklyTypedJsonConverter<LinearPattern>
{
    /// <inheritdoc/>
    public override LinearPattern Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString()!);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LinearPattern value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Pattern);
}

/// <summary>What the library asks for to read the keyword.</summary>
[JsonSerializable(typeof(LinearPattern))]
sealed partial class LinearPatternJson : JsonSerializerContext;
