using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nightshift.Plumbing.Hosting;

/// <summary>The one way this system writes JSON: camelCase names, enums and ids as strings.</summary>
public static class Json
{
    /// <summary>For anything written outside ASP.NET, Marten and the bus.</summary>
    public static JsonSerializerOptions Options { get; } = Apply(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Gives existing options the same rules.</summary>
    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.Converters.Add(new JsonStringEnumConverter());
        return options;
    }
}
