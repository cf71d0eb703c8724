using Fluid;

namespace Nightshift.DagFiles.Templates;

/// <summary>
/// How much the templates of one file, or of one task, may do together. Counted in characters and values touched, not
/// in time: the same template is refused on every machine.
/// </summary>
sealed class TemplateBudget(long work)
{
    const string Key = "budget";
    long left = work;

    /// <summary>For the defaults of one file: less than a second on a slow core.</summary>
    public static TemplateBudget OfFile() => new(16 * 1024 * 1024);

    /// <summary>For the environment of one task.</summary>
    public static TemplateBudget OfTask() => new(8 * 1024 * 1024);

    /// <summary>The budget a rendering was begun with.</summary>
    public static TemplateBudget Of(TemplateContext context) => (TemplateBudget)context.AmbientValues[Key];

    /// <summary>Begins a rendering.</summary>
    public void Set(TemplateContext context) => context.AmbientValues[Key] = this;

    /// <summary>Takes work off before it is done.</summary>
    /// <exception cref="TemplateException">None is left.</exception>
    public void Charge(long units)
    {
        left -= units;
        if (left < 0)
            throw new TemplateException("The templates take too much work together; loop less, or over shorter text");
    }
}
