using System.Net;
using System.Text;
using Marten;
using Nightshift.Contracts;
using Nightshift.Webhooks.Deliveries;

namespace Nightshift.Webhooks.Tests.Service;

[Collection(ServiceTests.Name)]
public sealed class MutatedBodyTests(WebhooksHost host)
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    const int Bodies = 2048;
    const int AtOnce = 16;

    /// <summary>What is put into a body: escapes that are no character, tokens that are no text, bytes that are no
    /// UTF-8, and plain nonsense.</summary>
    static readonly byte[][] Insertions =
    [
        .. (
            (string[])[@"\ud800", @"\udfff", @"\ud83d\ud83d", @"\u0000", @"\u", @"\", "\"", "{", "[", "}", "null,"]
        ).Select(Encoding.UTF8.GetBytes),
        .. ((string[])["1e999", "-", "\u202e", "\e[2J", new string('[', 300), "\"\\ud800\":1,"]).Select(
            Encoding.UTF8.GetBytes
        ),
        [0],
        [0xFF],
        [0xED, 0xA0, 0x80],
    ];

    static readonly byte[] Original =
        """
        {"ref":"refs/heads/main","before":"1","after":"2","created":false,"deleted":false,"repository":{"full_name":"acme/mutated"},
        "sender":{"login":"ada"},"pusher":{"name":"ada"},"action":"x","head_commit":{"message":"m"},
        "commits":[{"added":["a"],"modified":["b"],"removed":[]},{"added":[],"modified":["c/d"],"removed":["e"]}]}
        """u8.ToArray();

    [Fact]
    public async Task Whatever_a_signed_body_holds_it_is_refused_or_recorded_and_judged()
    {
        await host.Know(new($"dag_{Guid.NewGuid():N}", 1, new PushTrigger(["acme/mutated"], [], ["b", "c/*"])));
        var answers = new (Guid Id, int Number, HttpStatusCode Status)[Bodies];
        await Parallel.ForAsync(
            0,
            Bodies,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancel },
            async (number, _) =>
            {
                var id = Guid.NewGuid();
                answers[number] = (id, number, (await host.Deliver("push", Mutate(number), id)).StatusCode);
            }
        );
        Assert.All(
            answers,
            x =>
                Assert.True(x.Status is HttpStatusCode.Accepted or HttpStatusCode.BadRequest, $"{x.Number}: {x.Status}")
        );
        var accepted = answers.Where(x => x.Status is HttpStatusCode.Accepted).ToList();
        Assert.InRange(accepted.Count, 500, Bodies - 500); // both kinds are worth something
        await AllJudged(accepted[^1].Id);
    }

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"ref":"refs/heads/main","repository":{"full_name":"a/b"},"commits":[{"add\ud800":1}]}""")]
    [InlineData(
        """{"ref":"refs/heads/\ud800","repository":{"full_name":"a/\ud83d","\udfff":[]},"sender":{"login\ud800":1}}"""
    )]
    public async Task Half_a_surrogate_pair_is_recorded_and_judged(string json)
    {
        var id = Guid.NewGuid();
        var answer = await host.Deliver("push", Encoding.UTF8.GetBytes(json), id);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(DeliveryStatus.Ignored, (await host.Judged(id)).Status);
    }

    // They are judged side by side, so the last one is no proof for the others.
    async Task AllJudged(Guid last)
    {
        await host.Judged(last);
        await using var session = host.Get<IDocumentStore>().QuerySession();
        while (await session.Query<DeliveryRow>().AnyAsync(x => x.Status == DeliveryStatus.Received, Cancel))
            await Task.Yield();
    }

    // Number alone decides, so that a failure can be tried again. Every fourth stays JSON: it gets a new member.
    static byte[] Mutate(int number)
    {
        var random = new Random(number);
        List<byte> body = [.. Original];
        body.InsertRange(1, Encoding.UTF8.GetBytes($"\"n\":{number},"));
        if (number % 4 == 0)
            body.InsertRange(
                1,
                Encoding.UTF8.GetBytes($"\"x{Escape(random)}\":\"{Escape(random)}y{Escape(random)}\",")
            );
        for (var i = number % 4 == 0 ? 0 : random.Next(1, 4); i > 0; i--)
            Change(body, random);
        return [.. body];
    }

    static void Change(List<byte> body, Random random)
    {
        var at = random.Next(body.Count);
        switch (random.Next(5))
        {
            case 0:
                body.InsertRange(at, Insertions[random.Next(Insertions.Length)]);
                break;
            case 1: // into a string: behind a quote that opens or closes one
                body.InsertRange(body.IndexOf((byte)'"', at) + 1, Encoding.UTF8.GetBytes(Escape(random)));
                break;
            case 2:
                body[at] = (byte)random.Next(256);
                break;
            case 3:
                body.RemoveRange(at, Math.Min(random.Next(1, 8), body.Count - at));
                break;
            default: // one member in another's place
                var piece = body.GetRange(at, Math.Min(random.Next(1, 40), body.Count - at));
                body.InsertRange(random.Next(body.Count), piece);
                break;
        }
        if (body.Count == 0)
            body.Add((byte)'{');
    }

    static string Escape(Random random) => $"\\u{random.Next(0xD700, 0xE100):x4}";
}
