using Marten;
using Marten.Schema;

namespace Nightshift.Plumbing.Lists;

/// <summary>The columns and indexes that lists are read through.</summary>
public static class RowIndexes
{
    /// <summary>
    /// Keeps properties of a row as columns of its table, and adds an index per order of a list: the columns that must
    /// match, the time that orders them, and the id.
    /// </summary>
    /// <param name="options">The store's options.</param>
    /// <param name="properties">The row's properties; a column is named like one, in snake case.</param>
    /// <param name="indexes">The columns of each index, without the id behind them.</param>
    public static void AddList<TRow>(
        this StoreOptions options,
        IReadOnlyList<string> properties,
        params IReadOnlyList<string[]> indexes
    ) =>
        options.Policies.ForAllDocuments(mapping =>
        {
            if (mapping.DocumentType != typeof(TRow))
                return;
            foreach (var property in properties)
                mapping.DuplicateField(property);
            foreach (var columns in indexes)
                mapping.Indexes.Add(
                    new DocumentIndex(mapping, [.. columns, "id"])
                    {
                        Name = $"{mapping.Alias}_by_{string.Join('_', columns)}",
                    }
                );
        });
}
