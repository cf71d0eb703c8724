using System.Collections.Immutable;
using System.Text.Json;
using FsCheck.Xunit;
using Nightshift.Contracts;
using Nightshift.Testing;
using Nightshift.Webhooks.Deliveries;
using Nightshift.Webhooks.Matching;
using DeliveryReceived = Nightshift.Webhooks.Deliveries.DeliveryReceived;

namespace Nightshift.Webhooks.Tests.Deliveries;

public sealed class DeliveryDeciderTests
{
    const string Id = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);
    static readonly Push Main = new(
        "acme/site",
        "refs/heads/main",
        "abc",
        "ada",
        Deleted: false,
        "a change",
        Paths: null
    );
    static readonly DagTriggers Site = new("site", 1, new PushTrigger([], ["main"], [])),
        Docs = new("docs", 1, new PushTrigger([], ["docs"], []));

    static Given<Delivery> Given(params object[] history) => new(Delivery.Stream, history);

    [Fact]
    public void A_delivery_is_recorded() =>
        Given().When(x => DeliveryDecider.Decide(x, new ReceiveDelivery(Received()))).Expect(Received());

    [Fact]
    public void A_delivery_that_comes_again_is_recorded_once() =>
        Given(Received())
            .When(x => DeliveryDecider.Decide(x, new ReceiveDelivery(Received() with { At = At(60) })))
            .ExpectNothing();

    [Fact]
    public void A_GUID_with_another_body_is_refused() =>
        Given(Received())
            .When(x =>
                DeliveryDecider.Decide(
                    x,
                    new ReceiveDelivery(Received() with { BodySha256 = "00000000000000000000000000000000" })
                )
            )
            .ExpectRejection("delivery_conflict");

    [Fact]
    public void A_push_with_the_body_of_another_delivery_is_a_replay_and_starts_nothing() =>
        Given(Received() with { SameBodyAs = "7.other" })
            .When(x => DeliveryDecider.Decide(x, Judge(Site)))
            .Expect(new DeliveryIgnored("A replay: delivery 7.other had the same body", [], KnownShape: true, T0));

    [Fact]
    public void Other_events_may_be_alike() =>
        Given(Received() with { Event = "ping", SameBodyAs = "7.other" })
            .When(x => DeliveryDecider.Decide(x, Judge(Site)))
            .Expect(new DeliveryIgnored("No DAG is started by the event ping", [], KnownShape: true, T0));

    [Fact]
    public void A_signature_that_an_earlier_version_stored_is_never_shown() =>
        Assert.Equal(
            ["X-GitHub-Event"],
            JsonSerializer
                .Deserialize<DeliveryReceived>(
                    """{"headers":{"X-GitHub-Event":"push","X-Hub-Signature-256":"sha256=1","x-hub-signature":"sha1=1"}}""",
                    Nightshift.Plumbing.Hosting.Json.Options
                )!
                .Headers.Keys
        );

    [Theory]
    [InlineData("41", "41.guid")]
    [InlineData(null, "body-0123456789ab.guid")]
    public void A_delivery_is_told_apart_by_hook_and_GUID(string? hook, string key) =>
        Assert.Equal(
            key,
            DeliveryKey.Of(
                Received() with
                {
                    DeliveryId = "guid",
                    HookId = hook,
                    BodySha256 = "0123456789abcdef0123456789abcdef",
                }
            )
        );

    [Fact]
    public void A_push_starts_every_DAG_that_matches_and_says_why_others_did_not() =>
        Given(Received())
            .When(x => DeliveryDecider.Decide(x, Judge(Site, Docs)))
            .Expect(
                new DeliveryMatched(
                    [new($"push__site__{Id}", "site", "push acme/site main", Trigger)],
                    [
                        new("docs", false, "Branch main is not among docs"),
                        new("site", true, "Repository acme/site and branch main match; any path counts"),
                    ],
                    KnownShape: true,
                    T0
                )
            );

    [Fact]
    public void A_push_no_DAG_wants_is_ignored_with_the_reason_of_each() =>
        Given(Received())
            .When(x => DeliveryDecider.Decide(x, Judge(Docs)))
            .Expect(
                new DeliveryIgnored(
                    "No DAG's triggers match",
                    [new("docs", false, "Branch main is not among docs")],
                    KnownShape: true,
                    T0
                )
            );

    [Fact]
    public void An_event_no_DAG_can_ask_for_is_ignored() =>
        Given(Received() with { Event = "brand_new" })
            .When(x => DeliveryDecider.Decide(x, Judge(Site)))
            .Expect(new DeliveryIgnored("No DAG is started by the event brand_new", [], KnownShape: true, T0));

    [Fact]
    public void A_push_without_repository_and_ref_is_ignored() =>
        Given(Received())
            .When(x => DeliveryDecider.Decide(x, Judge(Site) with { Push = null }))
            .Expect(new DeliveryIgnored("The payload names no repository and ref", [], KnownShape: true, T0));

    [Fact]
    public void A_push_of_a_tag_is_ignored() =>
        Given(Received())
            .When(x => DeliveryDecider.Decide(x, Judge(Site) with { Push = Main with { Ref = "refs/tags/main" } }))
            .Expect(new DeliveryIgnored("refs/tags/main is not a branch", [], KnownShape: true, T0));

    [Fact]
    public void A_push_waits_while_no_DAG_is_known_at_all() =>
        Given(Received()).When(x => DeliveryDecider.Decide(x, Judge())).Expect(new DeliveryHeld(At(1), T0));

    [Fact]
    public void A_push_that_waits_is_not_judged_before_its_time() =>
        Given(Received(), new DeliveryHeld(At(1), T0))
            .When(x => DeliveryDecider.Decide(x, Judge() with { At = At(0.5) }))
            .ExpectNothing();

    [Fact]
    public void A_push_waits_as_long_again_as_it_has_waited() =>
        Given(Received(), new DeliveryHeld(At(4), T0))
            .When(x => DeliveryDecider.Decide(x, Judge() with { At = At(4) }))
            .Expect(new DeliveryHeld(At(8), At(4)));

    [Fact]
    public void A_push_that_waits_is_judged_as_soon_as_a_DAG_is_known() =>
        Given(Received(), new DeliveryHeld(At(1), T0))
            .When(x => DeliveryDecider.Decide(x, Judge(Docs) with { At = At(0.5) }))
            .Expect(
                new DeliveryIgnored(
                    "No DAG's triggers match",
                    [new("docs", false, "Branch main is not among docs")],
                    KnownShape: true,
                    At(0.5)
                )
            );

    [Fact]
    public void A_push_does_not_wait_for_ever() =>
        Given(Received(), new DeliveryHeld(At(64), At(32)))
            .When(x => DeliveryDecider.Decide(x, Judge() with { At = At(64) }))
            .Expect(new DeliveryIgnored("No DAG is known", [], KnownShape: true, At(64)));

    [Fact]
    public void A_delivery_nobody_received_is_not_judged() =>
        Given().When(x => DeliveryDecider.Decide(x, Judge(Site))).ExpectNothing();

    [Property]
    public bool A_delivery_is_judged_once_whatever_the_triggers_become(
        bool first,
        bool second,
        bool third,
        ushort later
    )
    {
        DagTriggers[] then = [.. first ? [Site] : Array.Empty<DagTriggers>(), Docs],
            now = [.. second ? [Site] : Array.Empty<DagTriggers>(), .. third ? [Docs] : Array.Empty<DagTriggers>()];
        var judged = DeliveryDecider
            .Decide(Delivery.None.Evolve(Received()), Judge(then))
            .Aggregate(Delivery.None.Evolve(Received()), (x, e) => x.Evolve(e));
        return judged.Runs.Count == (first ? 1 : 0)
            && DeliveryDecider.Decide(judged, Judge(now) with { At = At(later) }).Count == 0;
    }

    [Fact]
    public void A_push_that_waits_for_DAGs_in_vain_is_settled_after_a_handful_of_looks()
    {
        var (delivery, now, looks) = (Delivery.None.Evolve(Received()), T0, 0);
        while (delivery.Status is DeliveryStatus.Received && looks++ < 100)
        {
            delivery = DeliveryDecider
                .Decide(delivery, Judge() with { At = now })
                .Aggregate(delivery, (x, e) => x.Evolve(e));
            now = delivery.HeldUntil ?? now;
        }
        Assert.Equal((DeliveryStatus.Ignored, true), (delivery.Status, looks < 10));
    }

    static ImmutableSortedDictionary<string, string> Trigger =>
        ImmutableSortedDictionary.CreateRange(
            new Dictionary<string, string>
            {
                ["event"] = "push",
                ["repository"] = "acme/site",
                ["branch"] = "main",
                ["sha"] = "abc",
                ["sender"] = "ada",
            }
        );

    static DeliveryReceived Received() =>
        new(
            Id,
            "push",
            Action: null,
            "acme/site",
            "refs/heads/main",
            "ada",
            "application/json",
            ImmutableSortedDictionary<string, string>.Empty,
            "ffffffffffffffffffffffffffffffff",
            7,
            T0
        );

    static JudgeDelivery Judge(params DagTriggers[] dags) =>
        new(Main, KnownShape: true, dags, HonourSkipMarks: true, T0);

    static DateTimeOffset At(double seconds) => T0 + TimeSpan.FromSeconds(seconds);
}
