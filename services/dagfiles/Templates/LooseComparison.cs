using Fluid;
using Fluid.Ast;
using Fluid.Values;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Templates;

/// <summary>
/// Compares what reads as numbers as numbers: outputs and the values given to a run are text, and <c>"42" > 10</c> is
/// meant. Two texts are equal only as texts, so <c>1.0</c> and <c>1.00</c> stay two versions.
/// </summary>
/// <param name="left">The one side.</param>
/// <param name="right">The other.</param>
/// <param name="ordered">Less or more, where two texts of numbers are numbers too.</param>
/// <param name="compare">Fluid's own comparison.</param>
sealed class LooseComparison(
    Expression left,
    Expression right,
    bool ordered,
    Func<Expression, Expression, Expression> compare
) : Expression
{
    /// <inheritdoc/>
    public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
    {
        var (a, b) = (await left.EvaluateAsync(context), await right.EvaluateAsync(context));
        var (size, with) = (TemplateLimits.SizeOf(a), TemplateLimits.SizeOf(b));
        TemplateBudget.Of(context).Charge(1 + size + with + size * with / 4096);
        var (x, y) = Alike(a, b, ordered);
        return await compare(new LiteralExpression(x), new LiteralExpression(y)).EvaluateAsync(context);
    }

    /// <summary>Both as one kind, where the text of one reads as the kind of the other.</summary>
    public static (FluidValue, FluidValue) Alike(FluidValue a, FluidValue b, bool ordered = false) =>
        (a, b) switch
        {
            (NumberValue, StringValue) when Number(b) is { } number => (a, number),
            (StringValue, NumberValue) when Number(a) is { } number => (number, b),
            (StringValue, StringValue) when ordered && Number(a) is { } x && Number(b) is { } y => (x, y),
            (BooleanValue, StringValue) => (new StringValue(a.ToStringValue()), b),
            (StringValue, BooleanValue) => (a, new StringValue(b.ToStringValue())),
            _ => (a, b),
        };

    static NumberValue? Number(FluidValue text) =>
        CoreSchema.TryNumber(text.ToStringValue(), out var number) ? NumberValue.Create(number) : null;
}

/// <summary>The value of a <c>case</c>, which equals its <c>when</c> as <c>==</c> says.</summary>
sealed class CaseValue(FluidValue value) : FluidValue
{
    /// <inheritdoc/>
    public override FluidValues Type => value.Type;

    /// <inheritdoc/>
    public override bool Equals(FluidValue other)
    {
        var (a, b) = LooseComparison.Alike(value, other);
        return a.Equals(b);
    }

    /// <inheritdoc/>
    public override bool ToBooleanValue() => value.ToBooleanValue();

    /// <inheritdoc/>
    public override decimal ToNumberValue() => value.ToNumberValue();

    /// <inheritdoc/>
    public override string ToStringValue() => value.ToStringValue();

    /// <inheritdoc/>
    public override object ToObjectValue() => value.ToObjectValue();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FluidValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => value.GetHashCode();
}
