using System.Globalization;
using Marten;
using Nightshift.Plumbing.Status;

namespace Nightshift.Escalation.Incidents;

/// <summary>
/// Escalation on the status page. It shows every open incident; it asks for a person once the channel <c>status</c> has
/// been told and nobody has acknowledged.
/// </summary>
public sealed class IncidentStatus(IDocumentStore store) : IStatusReport
{
    /// <inheritdoc/>
    public async Task<(string State, bool Ok)> Read(CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        string[] unresolved = ["open", "acknowledged"];
        var rows = await session
            .Query<IncidentRow>()
            .Where(x => unresolved.Contains(x.State))
            .ToListAsync(cancellationToken);
        return (Words(rows), Ok: !rows.Any(x => x is { State: "open", OnStatusPage: true }));
    }

    /// <summary>
    /// Incidents that are not resolved, in a few words; the tier is the highest among those nobody has taken on.
    /// </summary>
    public static string Words(IReadOnlyList<IncidentRow> rows)
    {
        var (open, taken) = (rows.Where(x => x.State == "open").ToList(), rows.Count(x => x.State == "acknowledged"));
        string[] parts =
        [
            .. open.Count > 0
                ? [string.Create(CultureInfo.InvariantCulture, $"{open.Count} open, tier {open.Max(x => x.Tier)}")]
                : Array.Empty<string>(),
            .. taken > 0
                ? [string.Create(CultureInfo.InvariantCulture, $"{taken} acknowledged")]
                : Array.Empty<string>(),
        ];
        return parts.Length == 0 ? "Quiet" : string.Join(", ", parts);
    }
}
