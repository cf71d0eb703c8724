using Fluid;
using Fluid.Ast;
using Fluid.Values;

namespace Nightshift.Scheduler.Templates;

/// <summary>
/// Makes every name of a template say which it is when it does not exist; Fluid 2.41 names its own class instead.
/// </summary>
/// <param name="text">The template.</param>
sealed class UndefinedNames(string text) : AstRewriter
{
    /// <inheritdoc/>
    protected override Expression VisitMemberExpression(MemberExpression memberExpression) =>
        new Named(text, memberExpression);

    sealed class Named(string text, MemberExpression name) : Expression
    {
        public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
        {
            try
            {
                return await name.EvaluateAsync(context);
            }
            catch (FluidException)
            {
                throw new UndefinedNameException(text, TemplateName.Of(name));
            }
        }
    }
}
