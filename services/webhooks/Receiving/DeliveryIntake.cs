using Nightshift.Webhooks.Bodies;

namespace Nightshift.Webhooks.Receiving;

/// <summary>A request that may be read: its headers are right, and it has a signature to compare.</summary>
sealed record ReadableRequest(BodyForm Form, DeliveryHeaders Headers, string Signature, IReadOnlyList<string> Secrets);

/// <summary>
/// Takes a delivery or says why not, the cheapest checks first: what has no signature is refused before its body is
/// read, and a body is read only within <see cref="BodyMemory"/>.
/// </summary>
public sealed class DeliveryIntake(
    WebhookSecrets secrets,
    BodyMemory memory,
    WrongSignatures wrongSignatures,
    DeliveryReceiver receiver,
    TimeProvider clock
)
{
    /// <summary>
    /// How long a delivery waits for memory, so that it is answered before GitHub hangs up even when the body then
    /// takes its time.
    /// </summary>
    public static readonly TimeSpan WaitForMemory = TimeSpan.FromSeconds(3);

    /// <summary>Takes one request.</summary>
    /// <returns>What became of it: exactly one of the two.</returns>
    public async Task<(Received? Received, Refusal? Refusal)> Take(
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var (readable, refusal) = await Examine(context.Request, cancellationToken);
        if (readable is null)
            return (null, refusal);
        var limit = Body.LimitOf(readable.Form);
        if (context.Request.ContentLength > limit)
            return (null, Refusal.TooLarge(limit));
        if (await Reserve(context.Request.ContentLength ?? limit, cancellationToken) is not { } share)
            return (null, Refusal.Busy);
        using var hasher = new BodyHasher(readable.Secrets);
        (var body, refusal) = await Read(context.Request, limit, hasher, share, cancellationToken);
        if (body is null)
            return (null, refusal);
        (var delivery, refusal) = Verify(context, readable, body, hasher);
        if (delivery is null)
            return (null, refusal);
        var received = await receiver.Receive(delivery, body, cancellationToken);
        return received is null ? (null, Refusal.NotCommitted) : (received, null);
    }

    async Task<(ReadableRequest?, Refusal?)> Examine(HttpRequest request, CancellationToken cancellationToken)
    {
        if (Body.FormOf(request.ContentType) is not { } form || request.Headers.ContentEncoding.Count > 0)
            return (null, Refusal.ContentType);
        if (await secrets.All(cancellationToken) is not [_, ..] known)
            return (null, Refusal.NoSecret);
        if (request.Headers[Signature.Header].ToString() is var signature && !Signature.IsWellFormed(signature))
            return (null, Refusal.NoSignature);
        return DeliveryHeaders.Read(request.Headers) is { } headers
            ? (new(form, headers, signature, known), null)
            : (null, Refusal.Headers);
    }

    // The body's memory is given back here unless there is a delivery; then by the receiver, whose commit may outlast
    // the request.
    (VerifiedDelivery?, Refusal?) Verify(
        HttpContext context,
        ReadableRequest request,
        RequestBody body,
        BodyHasher hasher
    )
    {
        VerifiedDelivery? delivery = null;
        try
        {
            if (!hasher.Matches(request.Signature))
                return (null, wrongSignatures.Count(ClientAddress.SenderOf(ClientAddress.Of(context))));
            if (
                Payload.Read(request.Form, body.Bytes, body.Blocks) is not { } payload
                || Envelope.Read(payload) is not { } envelope
            )
                return (null, Refusal.Payload);
            delivery = new(request.Headers, envelope, context.Request.ContentType!, hasher.Sha256());
            return (delivery, null);
        }
        finally
        {
            if (delivery is null)
                body.Dispose();
        }
    }

    async Task<IDisposable?> Reserve(long bytes, CancellationToken cancellationToken)
    {
        using var limit = Limit(WaitForMemory, cancellationToken);
        try
        {
            return await memory.Reserve(bytes, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    async Task<(RequestBody?, Refusal?)> Read(
        HttpRequest request,
        int limit,
        BodyHasher hasher,
        IDisposable share,
        CancellationToken cancellationToken
    )
    {
        using var until = Limit(RequestBody.ReadWithin, cancellationToken);
        try
        {
            return (await RequestBody.Read(request, limit, hasher, share, until.Token), null);
        }
        catch (BadHttpRequestException e) when (e.StatusCode is StatusCodes.Status413PayloadTooLarge)
        {
            return (null, Refusal.TooLarge(limit));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, Refusal.TooSlow);
        }
    }

    LinkedLimit Limit(TimeSpan within, CancellationToken cancellationToken) => new(within, clock, cancellationToken);
}
