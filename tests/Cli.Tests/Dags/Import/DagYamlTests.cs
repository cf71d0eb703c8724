using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Cli.Dags.Import;

namespace Nightshift.Cli.Tests.Dags.Import;

/// <summary>Whatever a text has, the scheduler reads it as it was.</summary>
public sealed class DagYamlTests
{
    static readonly string[] Pieces =
    [
        "a",
        "Z",
        "0",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\r",
        "\r\n",
        ": ",
        ":",
        " #",
        "#",
        "- ",
        "-",
        "'",
        "\"",
        "\\",
        "\\n",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&x",
        "*x",
        "!",
        "!!int",
        "|",
        ">",
        "%",
        "@",
        "`",
        "?",
        "? ",
        "~",
        "null",
        "true",
        "yes",
        "---",
        "...",
        "<<",
        "=",
        "0x1F",
        "1e3",
        ".inf",
        "\u0001",
        "\u001b[2J",
        "\u007f",
        "\u0085",
        "\u00a0",
        "\u2028",
        "\u2029",
        "\u202e",
        "\uFEFF",
        "\uFFFD",
        "é",
        "日本",
        "😀",
        "\ud83d\ude00",
        "$HOME",
        "${X}",
        "$(x)",
    ];

    static Arbitrary<string> Texts() => Gen.ArrayOf(Gen.Elements(Pieces)).Select(x => string.Concat(x)).ToArbitrary();

    [Property(MaxTest = 1000)]
    public Property A_command_and_a_variable_come_back_as_they_were() =>
        Prop.ForAll(
            Texts(),
            text =>
            {
                var task = new YamlMap()
                    .Add("command", (IReadOnlyList<string>)["sh", "-c", $"x{text}"])
                    .Add("env", new YamlMap().Add("X", LiquidText.Literal(text)));
                var root = new YamlMap().Add("dag", "d").Add("tasks", new YamlMap().Add("t", task));
                var read = ImportedFile.Read(DagYaml.Write([text, $"x{text}"], root)).Tasks[0];
                Assert.Equal((text, $"x{text}"), (ImportedFile.Rendered(read.Env["X"]), read.Command[2]));
            }
        );

    [Property(MaxTest = 300)]
    public Property A_key_is_a_key_whatever_it_has() =>
        Prop.ForAll(
            Texts(),
            text =>
            {
                var root = new YamlMap()
                    .Add("dag", "d")
                    .Add("params", new YamlMap().Add("p", LiquidText.Literal(text)))
                    .Add(
                        "tasks",
                        new YamlMap().Add("t", new YamlMap().Add("noop", YamlPlain.True)).Add($"x{text}", "x")
                    );
                var mistakes = Nightshift.DagFiles.DagFile.Read(DagYaml.Write([], root)).Mistakes;
                Assert.All(mistakes, x => Assert.DoesNotContain("This is not YAML", x.Text, StringComparison.Ordinal));
            }
        );

    [Fact]
    public void Plain_texts_stay_readable()
    {
        var root = new YamlMap()
            .Add("dag", "nightly")
            .Add("schedule", "0 9 * * *")
            .Add(
                "tasks",
                new YamlMap().Add("on", new YamlMap().Add("run", "set +e\nmake all").Add("retries", new YamlPlain("2")))
            );
        Assert.Equal(
            """
            # Says: why
            dag: nightly
            schedule: "0 9 * * *"
            tasks:
              "on":
                run: |-
                  set +e
                  make all
                retries: 2

            """,
            DagYaml.Write(["Says: why"], root)
        );
    }

    [Theory]
    [InlineData("{{ ds }}")]
    [InlineData("{% if %}")]
    [InlineData("{{{ {% {{{{")]
    [InlineData("a {{ '{' }} b {%- x -%}")]
    [InlineData("{ { %} }}")]
    public void Signs_of_templates_render_to_themselves(string text) =>
        Assert.Equal(text, ImportedFile.Rendered(LiquidText.Literal(text)));
}
