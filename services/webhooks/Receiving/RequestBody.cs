using Microsoft.AspNetCore.Http.Features;
using Nightshift.Webhooks.Bodies;

namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// A request's body in memory, within its share of <see cref="BodyMemory"/>. Nothing is known of it yet.
/// </summary>
public sealed class RequestBody : IDisposable
{
    /// <summary>GitHub hangs up after 10 seconds; a body that takes longer is of no use to anybody.</summary>
    public static readonly TimeSpan ReadWithin = TimeSpan.FromSeconds(10);

    readonly IDisposable share;

    RequestBody(IDisposable share) => this.share = share;

    /// <summary>Its memory; what is decoded from it goes there too.</summary>
    public BodyBlocks Blocks { get; } = new();

    /// <summary>The bytes as sent.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>Reads the body and hashes it on the way.</summary>
    /// <param name="request">The request; its length, if it states one, is within the limit.</param>
    /// <param name="limit">Longest body taken, bytes.</param>
    /// <param name="hasher">Sees every byte.</param>
    /// <param name="share">The body's share of memory; it is given back when this is disposed, or fails.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">413: it is longer.</exception>
    public static async Task<RequestBody> Read(
        HttpRequest request,
        int limit,
        BodyHasher hasher,
        IDisposable share,
        CancellationToken cancellationToken
    )
    {
        // The limit is per request, so that no other route takes bodies of this size.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit;
        var body = new RequestBody(share);
        try
        {
            var buffer = body.Blocks.Allocate((int)(request.ContentLength ?? limit));
            body.Bytes = buffer[..await Fill(buffer, request.Body, hasher, cancellationToken)];
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Blocks.Dispose();
        share.Dispose();
    }

    // The server ends the body at its stated length, and one without a length at the limit by throwing.
    static async Task<int> Fill(
        Memory<byte> buffer,
        Stream from,
        BodyHasher hasher,
        CancellationToken cancellationToken
    )
    {
        var length = 0;
        while (length < buffer.Length && await from.ReadAsync(buffer[length..], cancellationToken) is > 0 and var read)
        {
            hasher.Append(buffer.Span[length..(length + read)]);
            length += read;
        }
        if (length == buffer.Length && await from.ReadAsync(new byte[1], cancellationToken) > 0)
            throw new BadHttpRequestException("The body is too large", StatusCodes.Status413PayloadTooLarge);
        return length;
    }
}
