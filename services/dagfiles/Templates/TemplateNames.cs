using Fluid.Ast;

namespace Nightshift.DagFiles.Templates;

/// <summary>Collects the names a template uses and does not make itself.</summary>
sealed class TemplateNames : AstVisitor
{
    readonly List<(TemplateName Name, bool Conditional)> used = [];
    readonly HashSet<string> own = ["forloop", "tablerowloop", "continue"]; // what loops give
    int branches;

    /// <summary>
    /// The names; conditional are those inside a branch, where the template may have asked first whether there is such
    /// a thing.
    /// </summary>
    public IReadOnlyList<(TemplateName Name, bool Conditional)> Used =>
        [.. used.Where(x => x.Name.Parts is not [var first, ..] || !own.Contains(first))];

    /// <summary>The filters a template uses.</summary>
    public HashSet<string> Filters { get; } = [];

    // A name before default may not be there, as under a condition.
    /// <inheritdoc/>
    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        Filters.Add(filterExpression.Name);
        if (filterExpression is not { Name: "default", Input: MemberExpression })
            return base.VisitFilterExpression(filterExpression);
        branches++;
        Visit(filterExpression.Input);
        branches--;
        foreach (var parameter in filterExpression.Parameters)
            Visit(parameter.Expression);
        return filterExpression;
    }

    /// <inheritdoc/>
    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        used.Add((TemplateName.Of(memberExpression), branches > 0));
        foreach (var computed in memberExpression.Segments.OfType<IndexerSegment>())
            Visit(computed.Expression);
        return memberExpression;
    }

    /// <inheritdoc/>
    protected override Statement VisitIfStatement(IfStatement ifStatement) =>
        Branch(ifStatement.Condition, () => base.VisitIfStatement(ifStatement));

    /// <inheritdoc/>
    protected override Statement VisitUnlessStatement(UnlessStatement unlessStatement) =>
        Branch(unlessStatement.Condition, () => base.VisitUnlessStatement(unlessStatement));

    /// <inheritdoc/>
    protected override Statement VisitCaseStatement(CaseStatement caseStatement) =>
        Branch(caseStatement.Expression, () => base.VisitCaseStatement(caseStatement));

    /// <inheritdoc/>
    protected override Statement VisitForStatement(ForStatement forStatement)
    {
        own.Add(forStatement.Identifier);
        return Branch(forStatement.Source, () => base.VisitForStatement(forStatement));
    }

    /// <inheritdoc/>
    protected override Statement VisitTableRowStatement(TableRowStatement tableRowStatement)
    {
        own.Add(tableRowStatement.Identifier);
        return Branch(tableRowStatement.Source, () => base.VisitTableRowStatement(tableRowStatement));
    }

    /// <inheritdoc/>
    protected override Statement VisitAssignStatement(AssignStatement assignStatement)
    {
        own.Add(assignStatement.Identifier);
        return base.VisitAssignStatement(assignStatement);
    }

    /// <inheritdoc/>
    protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
    {
        own.Add(captureStatement.Identifier);
        return base.VisitCaptureStatement(captureStatement);
    }

    /// <inheritdoc/>
    protected override Statement VisitIncrementStatement(IncrementStatement incrementStatement)
    {
        own.Add(incrementStatement.Identifier);
        return incrementStatement;
    }

    /// <inheritdoc/>
    protected override Statement VisitDecrementStatement(DecrementStatement decrementStatement)
    {
        own.Add(decrementStatement.Identifier);
        return decrementStatement;
    }

    Statement Branch(Expression? condition, Func<Statement> visit)
    {
        Visit(condition!); // null, which ranges have, is nothing to visit
        branches++;
        var statement = visit();
        branches--;
        return statement;
    }
}
