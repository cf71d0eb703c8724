namespace Nightshift.Gateway;

/// <summary>What every answer tells a browser or a cache, unless the endpoint has said otherwise.</summary>
static class SecurityHeaders
{
    public static void UseSecurityHeaders(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                context.Response.OnStarting(() =>
                {
                    Add(context.Response.Headers);
                    return Task.CompletedTask;
                });
                return next(context);
            }
        );

    static void Add(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.Remove("Server"); // a service's, or of what stands in its place
        if (headers.CacheControl.Count == 0)
            headers.CacheControl = "no-store";
    }
}
