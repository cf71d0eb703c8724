namespace Nightshift.Timetables;

/// <summary>How far a name is from another, for the question which one was meant.</summary>
public static class EditDistance
{
    /// <summary>Levenshtein's distance: letters to insert, delete or replace.</summary>
    public static int Between(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (
                    row[j],
                    Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1))
                );
        }
        return row[b.Length];
    }
}
