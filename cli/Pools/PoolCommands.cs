using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Pools;

/// <summary><c>nightshift pools</c></summary>
public static class PoolCommands
{
    const string Path = "api/v2/pools";

    public static Command Create() =>
        ClientCommand.Group(
            "pools",
            "See and change pools: how many tasks that share something may work at a time.",
            List(),
            Set(),
            Delete()
        );

    static Command List()
    {
        var list = new ListOptions(most: 1000, hasPages: false)
            .Match("pool_name_pattern", "pools whose name has this in it")
            .OrderBy("name", "slots");
        return ClientCommand.Create(
            "list",
            "List pools, and how much of them is taken.",
            list.Symbols,
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"{Path}?{list.Query(x.Parsed)}", cancellationToken);
                await Print(x, answer, answer.Items("pools"));
                return ExitCodes.Ok;
            }
        );
    }

    static Command Set()
    {
        var name = NameArgument();
        var slots = new Argument<int>("slots") { Description = "How many slots it has; -1 for any number." };
        var description = new Option<string?>("--description") { Description = "What it is for." };
        return ClientCommand.Create(
            "set",
            "Make a pool, or change one.",
            [name, slots, description],
            async (x, cancellationToken) =>
            {
                var pool = new
                {
                    name = x.Value(name),
                    slots = x.Parsed.GetValue(slots),
                    description = x.Parsed.GetValue(description),
                };
                var answer =
                    await x.Api.TryPatch($"{Path}/{Uri.EscapeDataString(pool.name)}", pool, cancellationToken)
                    ?? await x.Api.Post(Path, pool, cancellationToken);
                await Print(x, answer, [answer]);
                return ExitCodes.Ok;
            }
        );
    }

    static Command Delete()
    {
        var name = NameArgument();
        return ClientCommand.Create(
            "delete",
            "Delete a pool. Tasks that hold its slots go on; tasks that need some wait until it is there again.",
            [name],
            async (x, cancellationToken) =>
            {
                await x.Api.Delete($"{Path}/{Uri.EscapeDataString(x.Value(name))}", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? JsonSerializer.SerializeToElement(new { name = x.Value(name), deleted = true }).Pretty()
                            + "\n"
                        : $"Pool {x.Value(name)} is deleted.\n"
                );
                return ExitCodes.Ok;
            }
        );
    }

    static Argument<string> NameArgument() => new("pool") { Description = "The pool's name." };

    static Task Print(ClientContext x, JsonElement answer, IEnumerable<JsonElement> pools) =>
        x.Out.WriteAsync(
            x.Json
                ? answer.Pretty() + "\n"
                : Columns.Of(
                    ["pool", "slots", "running", "queued", "open", "waiting", "description"],
                    pools.Select(p =>
                        new[]
                        {
                            p.Text("name"),
                            Number(p.Text("slots")),
                            p.Text("running_slots"),
                            p.Text("queued_slots"),
                            Number(p.Text("open_slots")),
                            p.Text("scheduled_slots"),
                            p.Text("description"),
                        }
                    )
                )
        );

    static string Number(string slots) =>
        int.TryParse(slots, CultureInfo.InvariantCulture, out var number) && number < 0 ? "any" : slots;
}
