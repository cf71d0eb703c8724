using Nightshift.Gateway.Status;
using Nightshift.Plumbing.Status;

namespace Nightshift.Gateway.Tests.Status;

public sealed class StatusTextTests
{
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 15, 0, TimeSpan.Zero);

    static ServiceStatus Fine(string state, params RecentAction[] actions) => new(state, Ok: true, T0, actions);

    [Fact]
    public void The_text_has_the_services_in_order_and_the_actions_oldest_first()
    {
        var status = SystemStatus.Of(
            [
                ("Scheduler", Fine("Healthy"), null),
                ("Executor", Fine("Running (14 hours)"), null),
                ("Webhooks", Fine("Active", new RecentAction(T0.AddMinutes(30), "GitHub push processed")), null),
                ("Self-Healing", Fine("Running", new RecentAction(T0, "Restarted filesystem MCP")), null),
                ("Escalation", Fine("Quiet"), null),
            ],
            T0
        );
        Assert.True(status.Ok);
        Assert.Equal(
            """
            === Automation Status ===

            Scheduler: Healthy
            Executor: Running (14 hours)
            Webhooks: Active
            Self-Healing: Running
            Escalation: Quiet

            Recent Actions:
              [09:15] Restarted filesystem MCP
              [09:45] GitHub push processed

            """,
            StatusText.Of(status, TimeZoneInfo.Utc)
        );
    }

    [Fact]
    public void Times_are_local()
    {
        var status = SystemStatus.Of([("Healer", Fine("Running", new RecentAction(T0, "Restarted web")), null)], T0);
        Assert.Contains(
            "[10:15] Restarted web",
            StatusText.Of(status, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_service_without_an_answer_is_down_and_nothing_is_all_right()
    {
        var status = SystemStatus.Of(
            [("Scheduler", Fine("Healthy"), null), ("Executor", null, "no answer within 2 s")],
            T0
        );
        Assert.False(status.Ok);
        Assert.Contains(
            "\nExecutor: Down (no answer within 2 s)\n",
            StatusText.Of(status, TimeZoneInfo.Utc),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Only_the_ten_newest_actions_of_all_services_are_shown()
    {
        RecentAction[] Every(string name, int minutes) =>
            [.. Enumerable.Range(0, 10).Select(i => new RecentAction(T0.AddMinutes(i * minutes), $"{name}{i}"))];
        var status = SystemStatus.Of(
            [("A", Fine("x", Every("a", 2)), null), ("B", Fine("x", Every("b", 5)), null)],
            T0
        );
        Assert.Equal(
            ["a7", "b3", "a8", "a9", "b4", "b5", "b6", "b7", "b8", "b9"],
            status.RecentActions.Select(x => x.Text)
        );
    }

    [Fact]
    public void Words_from_outside_cannot_forge_a_line()
    {
        var status = SystemStatus.Of(
            [("Healer", Fine("Running", new RecentAction(T0, "Restarted web\n  [09:16] \u001b[31mAll is well")), null)],
            T0
        );
        Assert.EndsWith(
            "  [09:15] Restarted web   [09:16]  [31mAll is well\n",
            StatusText.Of(status, TimeZoneInfo.Utc),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Without_actions_it_says_so() =>
        Assert.EndsWith(
            "Recent Actions:\n  none yet\n",
            StatusText.Of(SystemStatus.Of([], T0), TimeZoneInfo.Utc),
            StringComparison.Ordinal
        );
}
