using Nightshift.Plumbing.Auth;
using Nightshift.Webhooks.Deliveries;

namespace Nightshift.Webhooks.Receiving;

/// <summary>The answer to a delivery that is committed.</summary>
/// <param name="DeliveryId">GitHub's GUID; look it up under <c>/api/v2/deliveries</c>.</param>
/// <param name="ReplayOf">The key of the delivery that brought the same body before, when this one is a replay and
/// starts nothing for it; null otherwise.</param>
public sealed record Receipt(string DeliveryId, string? ReplayOf);

/// <summary>
/// <c>POST /webhooks/github</c>. The signature is the authentication. Answers 202 after one commit, 200 to a ping and
/// to a delivery known already, and never a 2xx without a commit, because GitHub keeps only failed deliveries in view
/// for sending again.
/// </summary>
public static class GitHubEndpoint
{
    /// <summary>Maps it, for callers of any role: GitHub has no token.</summary>
    public static void MapGitHub(this IEndpointRouteBuilder app) =>
        app.MapPost("/webhooks/github", Handle).RequireAuthorization(RolePolicies.ThroughGateway);

    static async Task<IResult> Handle(
        HttpContext context,
        DeliveryIntake intake,
        RefusalLog refusals,
        CancellationToken cancellationToken
    )
    {
        var (received, refusal) = await intake.Take(context, cancellationToken);
        if (received is null)
        {
            refusals.Add(refusal!, context);
            return refusal!.Answer(context.Response);
        }
        var delivery = received.Delivery;
        var receipt = new Receipt(delivery.DeliveryId, DeliveryDecider.ReplayOf(delivery));
        return received.IsNew && delivery.Event != "ping"
            ? TypedResults.Accepted($"/api/v2/deliveries/{DeliveryKey.Of(delivery)}", receipt)
            : TypedResults.Ok(receipt);
    }
}
