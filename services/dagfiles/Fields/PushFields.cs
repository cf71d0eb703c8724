using System.Text.Json.Nodes;
using Nightshift.Contracts;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>The fields that say which pushes to GitHub start a DAG.</summary>
static class PushFields
{
    /// <summary>The fields of <c>on.push</c>.</summary>
    public static FieldTable<PushTrigger> Push { get; } =
        new FieldTable<PushTrigger>()
            .Add(
                "repositories",
                Shapes.Texts,
                (push, x) => push with { Repositories = x },
                "Repositories as `owner/name`; `*` stands for anything but `/`, `**` for anything, and a leading `!` "
                    + "excludes. Required.",
                "[acme/site, acme/lib-*]"
            )
            .Add(
                "branches",
                Shapes.Texts,
                (push, x) => push with { Branches = x },
                "Branches, with the same wildcards. All when not given; tags never match.",
                "[main, release/**]"
            )
            .Add(
                "paths",
                Shapes.Texts,
                (push, x) => push with { Paths = x },
                "Changed files, with the same wildcards. All when not given.",
                "[src/**]"
            );

    /// <summary>The fields of <c>on</c>.</summary>
    public static FieldTable<Triggers> On { get; } =
        new FieldTable<Triggers>().Add(
            "push",
            PushShape(),
            (on, x) => on with { Push = x },
            "Pushes start the DAG.",
            "{ repositories: [acme/site], branches: [main] }"
        );

    static Shape<PushTrigger> PushShape()
    {
        var shape = Shapes.Mapping(Push, new PushTrigger([], [], []), "a mapping", mayBeNull: false, Check);
        shape.Schema["required"] = new JsonArray("repositories");
        return shape;
    }

    static void Check(YamlReader reader, Written<PushTrigger> push)
    {
        if (push.Draft.Repositories.Count == 0)
            reader.Wrong(push.Node, "'on.push' must name its 'repositories', such as [acme/site] or [acme/*]");
    }

    /// <summary>What starts a DAG beside its schedule.</summary>
    /// <param name="Push">Null for no push.</param>
    internal sealed record Triggers(PushTrigger? Push);
}
