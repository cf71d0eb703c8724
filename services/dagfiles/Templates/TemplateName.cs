using System.Globalization;
using Fluid.Ast;

namespace Nightshift.DagFiles.Templates;

/// <summary>A name in a template.</summary>
/// <param name="Parts">Its parts up to the first that is computed: <c>tasks</c>, <c>ask</c>, <c>output</c>,
/// <c>word</c>.</param>
/// <param name="Written">All of it, as the template has it.</param>
public sealed record TemplateName(IReadOnlyList<string> Parts, string Written)
{
    internal static TemplateName Of(MemberExpression name)
    {
        var parts = name.Segments.Select(Part).ToList();
        return new(
            [.. parts.TakeWhile(x => x is not null).OfType<string>()],
            string.Concat(name.Segments.Select((x, i) => Text(x, first: i == 0)))
        );
    }

    static string? Part(MemberSegment segment) =>
        segment switch
        {
            IdentifierSegment x => x.Identifier,
            IndexerSegment { Expression: LiteralExpression x } => x.Value.ToStringValue(),
            _ => null,
        };

    static string Text(MemberSegment segment, bool first) =>
        segment switch
        {
            IdentifierSegment x => first ? x.Identifier : $".{x.Identifier}",
            IndexerSegment { Expression: LiteralExpression { Value: var x } } => string.Create(
                CultureInfo.InvariantCulture,
                $"[{(x is Fluid.Values.StringValue ? $"\"{x.ToStringValue()}\"" : x.ToStringValue())}]"
            ),
            IndexerSegment { Expression: MemberExpression x } => $"[{Of(x).Written}]",
            _ => "[…]",
        };
}
