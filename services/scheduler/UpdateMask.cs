using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler;

/// <summary>Airflow's <c>update_mask</c>: which fields of a body count.</summary>
/// <param name="names">The fields named; none for all that the body has.</param>
/// <param name="fields">The fields there are.</param>
sealed class UpdateMask(string[] names, params string[] fields)
{
    /// <summary>True when a field counts.</summary>
    /// <exception cref="RejectedException"><c>invalid_update_mask</c></exception>
    public bool Has(string field) =>
        names.FirstOrDefault(x => !fields.Contains(x)) is { } unknown
            ? throw new RejectedException(
                "invalid_update_mask",
                $"'update_mask' is '{unknown}'; give names of {string.Join(", ", fields)}"
            )
            : names.Length == 0 || names.Contains(field);

    /// <summary>A value when its field counts.</summary>
    /// <exception cref="RejectedException"><c>invalid_update_mask</c></exception>
    public T? Of<T>(string field, T? value)
        where T : class => Has(field) ? value : null;

    /// <inheritdoc cref="Of{T}(string, T)"/>
    public T? Of<T>(string field, T? value)
        where T : struct => Has(field) ? value : null;
}
