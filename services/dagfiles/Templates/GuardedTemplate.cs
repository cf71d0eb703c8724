using System.Text.Encodings.Web;
using Fluid;
using Fluid.Ast;
using Fluid.Ast.BinaryExpressions;
using Fluid.Values;

namespace Nightshift.DagFiles.Templates;

/// <summary>
/// Rewrites a template so that a name that does not exist is an error that says which, numbers compare as numbers, and
/// whatever could grow is charged to the budget before it does.
/// </summary>
/// <param name="text">The template, for messages.</param>
sealed class GuardedTemplate(string text) : AstRewriter
{
    /// <inheritdoc/>
    protected override Expression VisitMemberExpression(MemberExpression memberExpression) =>
        new Name(text, memberExpression, orNull: false);

    // default is the one filter that asks whether there is a value.
    /// <inheritdoc/>
    protected override Expression VisitFilterExpression(FilterExpression filterExpression) =>
        filterExpression is { Name: "default", Input: MemberExpression name }
            ? new FilterExpression(
                new Name(text, name, orNull: true),
                filterExpression.Name,
                [.. filterExpression.Parameters.Select(x => new FilterArgument(x.Name, Visit(x.Expression)))]
            )
            : base.VisitFilterExpression(filterExpression);

    /// <inheritdoc/>
    protected override Expression VisitRangeExpression(RangeExpression rangeExpression) =>
        new BoundedRange(Visit(rangeExpression.From), Visit(rangeExpression.To));

    /// <inheritdoc/>
    protected override Expression VisitEqualBinaryExpression(EqualBinaryExpression equalBinaryExpression) =>
        Compare(equalBinaryExpression, false, (x, y) => new EqualBinaryExpression(x, y));

    /// <inheritdoc/>
    protected override Expression VisitNotEqualBinaryExpression(NotEqualBinaryExpression notEqualBinaryExpression) =>
        Compare(notEqualBinaryExpression, false, (x, y) => new NotEqualBinaryExpression(x, y));

    /// <inheritdoc/>
    protected override Expression VisitContainsBinaryExpression(ContainsBinaryExpression containsBinaryExpression) =>
        Compare(containsBinaryExpression, false, (x, y) => new ContainsBinaryExpression(x, y));

    /// <inheritdoc/>
    protected override Expression VisitGreaterThanBinaryExpression(
        GreaterThanBinaryExpression greaterThanBinaryExpression
    ) =>
        Compare(
            greaterThanBinaryExpression,
            true,
            (x, y) => new GreaterThanBinaryExpression(x, y, greaterThanBinaryExpression.Strict)
        );

    /// <inheritdoc/>
    protected override Expression VisitLowerThanBinaryExpression(LowerThanBinaryExpression lowerThanBinaryExpression) =>
        Compare(
            lowerThanBinaryExpression,
            true,
            (x, y) => new LowerThanBinaryExpression(x, y, lowerThanBinaryExpression.Strict)
        );

    LooseComparison Compare(
        BinaryExpression expression,
        bool ordered,
        Func<Expression, Expression, Expression> compare
    ) => new(Visit(expression.Left), Visit(expression.Right), ordered, compare);

    /// <inheritdoc/>
    protected override Statement VisitCaseStatement(CaseStatement caseStatement) =>
        base.VisitCaseStatement(
            new CaseStatement(new Case(caseStatement.Expression), caseStatement.Else, [.. caseStatement.Whens])
        );

    /// <inheritdoc/>
    public override Expression VisitOtherExpression(Expression expression) =>
        expression is Case x ? new Case(Visit(x.Value)) : expression;

    /// <inheritdoc/>
    protected override Statement VisitForStatement(ForStatement forStatement)
    {
        // Fluid keeps where a loop stopped under the name of its source.
        var source = forStatement.OffsetIsContinue ? forStatement.Source : new Charged(Visit(forStatement.Source));
        return new ForStatement(
            [.. forStatement.Statements.Select(Visit)],
            forStatement.Identifier,
            source,
            Visit(forStatement.Limit),
            forStatement.OffsetIsContinue ? forStatement.Offset : Visit(forStatement.Offset),
            forStatement.Reversed,
            (ElseStatement?)Visit((Statement?)forStatement.Else!)
        );
    }

    /// <inheritdoc/>
    protected override Statement VisitTableRowStatement(TableRowStatement tableRowStatement) =>
        new TableRowStatement(
            [.. tableRowStatement.Statements.Select(Visit)],
            tableRowStatement.Identifier,
            new Charged(Visit(tableRowStatement.Source), 64), // what it writes around each element
            Visit(tableRowStatement.Limit),
            Visit(tableRowStatement.Offset),
            Visit(tableRowStatement.Cols)
        );

    /// <inheritdoc/>
    protected override Statement VisitCycleStatement(CycleStatement cycleStatement) =>
        new CycleStatement(Visit(cycleStatement.Group), [.. cycleStatement.Values.Select(x => new Charged(Visit(x)))]);

    /// <inheritdoc/>
    protected override Statement VisitOutputStatement(OutputStatement outputStatement) =>
        new OutputStatement(new Charged(Visit(outputStatement.Expression)));

    /// <inheritdoc/>
    protected override Statement VisitTextSpanStatement(TextSpanStatement textSpanStatement) =>
        new ChargedText(textSpanStatement, textSpanStatement.Text.Length);

    /// <inheritdoc/>
    protected override Statement VisitRawStatement(RawStatement rawStatement) =>
        new ChargedText(rawStatement, rawStatement.Text.Length);

    sealed class Name(string text, MemberExpression name, bool orNull) : Expression
    {
        public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
        {
            var value = await name.EvaluateAsync(context);
            return !value.IsNil() || value is NullValue ? value
                : orNull ? NullValue.Instance
                : throw new UndefinedNameException(text, TemplateName.Of(name));
        }
    }

    sealed class Case(Expression value) : Expression
    {
        public Expression Value => value;

        public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context) =>
            new CaseValue(await value.EvaluateAsync(context));
    }

    sealed class Charged(Expression value, int each = 1) : Expression
    {
        public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
        {
            var charged = await value.EvaluateAsync(context);
            TemplateBudget.Of(context).Charge(each * (1 + TemplateLimits.SizeOf(charged)));
            return charged;
        }
    }

    sealed class ChargedText(Statement text, int length) : Statement
    {
        public override ValueTask<Completion> WriteToAsync(
            TextWriter writer,
            TextEncoder encoder,
            TemplateContext context
        )
        {
            TemplateBudget.Of(context).Charge(1 + length);
            return text.WriteToAsync(writer, encoder, context);
        }
    }

    // Fluid makes the whole list before the first step.
    sealed class BoundedRange(Expression from, Expression to) : Expression
    {
        public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
        {
            var (first, last) = (await from.EvaluateAsync(context), await to.EvaluateAsync(context));
            var (start, end) = (first.ToNumberValue(), last.ToNumberValue());
            if (Math.Abs(start) > int.MaxValue || Math.Abs(end) > int.MaxValue || end - start >= TemplateLimits.Steps)
                throw new TemplateException($"A range has more than {TemplateLimits.Steps} numbers; make it shorter");
            return await new RangeExpression(new LiteralExpression(first), new LiteralExpression(last)).EvaluateAsync(
                context
            );
        }
    }
}
