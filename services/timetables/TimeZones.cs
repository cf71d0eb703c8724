using NodaTime;
using NodaTime.TimeZones;

namespace Nightshift.Timetables;

/// <summary>
/// Time zones by their IANA name, from the tz database that NodaTime carries: the same names and rules on every host.
/// </summary>
public static class TimeZones
{
    /// <summary>Where nobody says which.</summary>
    public const string Utc = "UTC";

    // How many letters may be wrong in a name that is still recognised.
    const int Typos = 3;

    /// <summary>The zone; null when the tz database has none of this name, written exactly so.</summary>
    public static DateTimeZone? Find(string name) =>
        IsFixedOffset(name) ? null : DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    /// <summary>The name that was probably meant; null when none is near.</summary>
    public static string? Nearest(string name)
    {
        var ids = DateTimeZoneProviders.Tzdb.Ids;
        var written = name.Trim().Replace(' ', '_');
        return ids.FirstOrDefault(x => Same(x, written))
            ?? ids.FirstOrDefault(x => Same(City(x), City(written)))
            ?? OfWindows(name)
            ?? ids.Select(x => (Id: x, Distance: EditDistance.Between(written, x)))
                .Where(x => x.Distance <= Typos && x.Distance < written.Length / 2)
                .OrderBy(x => x.Distance)
                .Select(x => x.Id)
                .FirstOrDefault();
    }

    static string? OfWindows(string name) =>
        TzdbDateTimeZoneSource
            .Default.WindowsMapping.PrimaryMapping.Where(x => Same(x.Key, name.Trim()))
            .Select(x => x.Value)
            .FirstOrDefault();

    // NodaTime makes up a zone for "UTC+02:00", which is no name of the tz database.
    static bool IsFixedOffset(string name) =>
        name.Length > Utc.Length && name.StartsWith(Utc, StringComparison.Ordinal);

    static string City(string id) => id[(id.LastIndexOf('/') + 1)..];

    static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
