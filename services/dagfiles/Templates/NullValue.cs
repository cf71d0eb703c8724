using Fluid.Values;

namespace Nightshift.DagFiles.Templates;

/// <summary>A name that exists and has no value, unlike one that does not exist: <c>params: { day: ~ }</c>.</summary>
sealed class NullValue : BaseNilValue
{
    public static NullValue Instance { get; } = new();

    NullValue() { }

    /// <inheritdoc/>
    public override bool Equals(FluidValue other) => other.IsNil() || base.Equals(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BaseNilValue;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;
}
