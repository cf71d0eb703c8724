using Fluid;
using Fluid.Values;

namespace Nightshift.Scheduler.Runs;

/// <summary>What templates see as <c>var</c>. A variable is looked up when a template asks for it.</summary>
sealed class TemplateVariables(OutputValues values, TemplateBudget budget) : IFluidIndexable
{
    // There may be any number of them, and none is read unless it is named.
    public int Count => 0;

    public IEnumerable<string> Keys => [];

    public bool TryGetValue(string name, out FluidValue value)
    {
        var text = values.Variable(name);
        budget.Charge(text?.Length ?? 0);
        value = text is null ? NilValue.Instance : FluidValue.Create(TaskOutputs.Value(text), TemplateOptions.Default);
        return text is not null;
    }
}
