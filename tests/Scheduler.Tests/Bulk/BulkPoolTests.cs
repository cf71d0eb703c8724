using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Bulk;

/// <summary>Bulk requests over pools.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class BulkPoolTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-bulk-").FullName;

    [Fact]
    public async Task Pools_are_created_changed_and_deleted_each_for_itself()
    {
        using var infrastructure = await TestInfrastructure.Prepare("bulkpools", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        foreach (
            var (actions, came, left) in new[]
            {
                (
                    """
                    {"action":"create","entities":[{"name":"a","slots":1},{"name":"b","slots":2},
                      {"name":"a b","slots":1},{"name":"c","slots":-2}]}
                    """,
                    "create: a b; a b invalid_name 422, c invalid_slots 422",
                    "a=1 b=2"
                ),
                (
                    """{"action":"create","entities":[{"name":"a","slots":5}]}""",
                    "create: ; a pool_exists 409",
                    "a=1 b=2"
                ),
                (
                    """{"action":"create","action_on_existence":"skip","entities":[{"name":"a","slots":5}]}""",
                    "create: ; ",
                    "a=1 b=2"
                ),
                (
                    """{"action":"create","action_on_existence":"overwrite","entities":[{"name":"a","slots":5}]}""",
                    "create: a; ",
                    "a=5 b=2"
                ),
                (
                    """
                    {"action":"update","entities":[{"pool":"a","slots":6},{"name":"none","slots":1}]},
                    {"action":"delete","action_on_non_existence":"skip","entities":["b","none",{"name":"default_pool"}]}
                    """,
                    "update: a; none unknown_pool 404 delete: b; default_pool default_pool 409",
                    "a=6"
                ),
                // what is wrong is found before anything is done
                (
                    """{"action":"delete","entities":["a"]},{"action":"update","entities":[{"slots":1}]}""",
                    "invalid_name",
                    "a=6"
                ),
                (
                    """{"action":"delete","entities":["a"]},{"action":"create","entities":[{"name":"d"}]}""",
                    "invalid_slots",
                    "a=6"
                ),
            }
        )
        {
            Assert.Equal((actions, came), (actions, await Patch(scheduler, actions)));
            Assert.Equal((actions, left), (actions, await Pools(scheduler)));
        }
    }

    static async Task<string> Patch(RunningService scheduler, string actions)
    {
        using var content = new StringContent($$"""{"actions":[{{actions}}]}""", Encoding.UTF8, "application/json");
        using var answer = await scheduler.Http.PatchAsync("/api/v2/pools", content, Cancelled);
        var came = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        return answer.IsSuccessStatusCode
            ? string.Join(' ', came.EnumerateObject().Select(x => $"{x.Name}: {Result(x.Value)}"))
            : came.GetProperty("code").GetString()!;
    }

    static string Result(JsonElement result) =>
        string.Join(' ', result.GetProperty("success").EnumerateArray())
        + "; "
        + string.Join(
            ", ",
            result
                .GetProperty("errors")
                .EnumerateArray()
                .Select(x => $"{x.GetProperty("key")} {x.GetProperty("code")} {x.GetProperty("status_code")}")
        );

    static async Task<string> Pools(RunningService scheduler) =>
        string.Join(
            ' ',
            (await scheduler.Read<JsonElement>("/api/v2/pools", Cancelled))
                .GetProperty("pools")
                .EnumerateArray()
                .Where(x => x.GetProperty("name").GetString() != "default_pool")
                .Select(x => $"{x.GetProperty("name")}={x.GetProperty("slots")}")
        );
}
