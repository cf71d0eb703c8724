using System.Reflection;
using Nightshift.Gateway.Status;

namespace Nightshift.Gateway.Page;

/// <summary>
/// The page at <c>/</c>: four files without a secret in them; it asks the API with the reader's token.
/// </summary>
static class PageEndpoints
{
    static readonly (string Path, string File, string Type)[] Files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.css", "page.css", "text/css; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "icon.svg", "image/svg+xml"),
    ];

    const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>A browser that opens <c>/status</c> gets the page, which then asks for the same facts.</summary>
    public static void UsePageForBrowsers(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                if (
                    HttpMethods.IsGet(context.Request.Method)
                    && context.Request.Path == "/status"
                    && context.Request.Wants("text/html")
                )
                    context.Request.Path = "/";
                return next(context);
            }
        );

    public static void MapPage(this IEndpointRouteBuilder app)
    {
        foreach (var (path, file, type) in Files)
        {
            var content = Read(file);
            app.MapMethods(
                    path,
                    [HttpMethods.Get, HttpMethods.Head],
                    (HttpContext context) =>
                    {
                        var headers = context.Response.Headers;
                        headers.ContentSecurityPolicy = Policy;
                        (headers.CacheControl, headers.Vary) = ("no-cache", "Accept");
                        return Results.Bytes(content, type);
                    }
                )
                .AllowAnonymous();
        }
    }

    static byte[] Read(string file)
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream($"Page/{file}")
            ?? throw new InvalidOperationException($"The assembly lacks {file}");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
