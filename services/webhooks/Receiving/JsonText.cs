using System.Text.Json;

namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// Strings out of foreign JSON. Escaped NULs, which PostgreSQL's jsonb cannot hold, become U+FFFD; a lone surrogate is
/// no text at all.
/// </summary>
static class JsonText
{
    public static string? Of(ref Utf8JsonReader reader)
    {
        try
        {
            return Storable(reader.GetString());
        }
        catch (InvalidOperationException) // how the reader reports an escape that is no character
        {
            return null;
        }
    }

    public static string? Of(JsonElement element)
    {
        if (element.ValueKind is not JsonValueKind.String)
            return null;
        try
        {
            return Storable(element.GetString());
        }
        catch (InvalidOperationException) // as above
        {
            return null;
        }
    }

    static string? Storable(string? text) => text?.Replace('\0', '\uFFFD');
}
