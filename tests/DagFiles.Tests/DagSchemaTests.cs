using System.Text.Json.Nodes;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Json.Schema;
using Nightshift.DagFiles.Fields;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Tests;

/// <summary>One table reads the files and makes the schema and the documentation: the three cannot differ.</summary>
public sealed class DagSchemaTests
{
    static readonly JsonSchema Schema = JsonSchema.FromText(DagFileSchema.Text());

    public static TheoryData<string> Fields() => [.. WrittenFields.All.Select(x => x.ToString())];

    static WrittenField Field(string name) => WrittenFields.All.Single(x => x.ToString() == name);

    static bool IsValid(string yaml) => Schema.Evaluate(YamlJson.Of(YamlLoader.Load(yaml).Root!)).IsValid;

    [Fact]
    public void The_schema_is_one_of_draft_2020_12() =>
        Assert.True(MetaSchemas.Draft202012.Evaluate(JsonNode.Parse(DagFileSchema.Text())).IsValid);

    [Theory]
    [MemberData(nameof(Fields))]
    public void What_the_reader_accepts_the_schema_accepts(string name)
    {
        var field = Field(name);
        foreach (var yaml in WrittenFields.Values.Append(field.Example).SelectMany(field.With))
            if (DagFile.Read(yaml).Spec is not null)
                Assert.True(IsValid(yaml), $"The schema refuses what the reader accepts: {yaml}");
    }

    [Property(Arbitrary = [typeof(WrittenFields)], MaxTest = 1000)]
    public void What_the_reader_accepts_of_many_fields_the_schema_accepts(string yaml) =>
        Assert.True(DagFile.Read(yaml).Spec is null || IsValid(yaml), yaml);

    // The property says something only where the reader accepts.
    [Fact]
    public void Many_of_those_files_are_accepted() =>
        Assert.InRange(
            WrittenFields.Files().Generator.Sample(200).Count(x => DagFile.Read(x).Spec is not null),
            50,
            200
        );

    [Theory]
    [MemberData(nameof(Fields))]
    public void The_example_of_a_field_may_be_written(string name)
    {
        var field = Field(name);
        Assert.True(
            field.With(field.Example).Any(x => DagFile.Read(x).Spec is not null),
            string.Join('\n', field.With(field.Example).SelectMany(x => DagFile.Read(x).Mistakes))
        );
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void The_default_of_a_field_is_what_holds_without_it(string name)
    {
        var field = Field(name);
        if (field.Default is not { } standard)
            return;
        var versions = field
            .With(standard)
            .Zip(field.Without)
            .Select(x => (With: DagFile.Read(x.First).Spec?.Version(), Without: DagFile.Read(x.Second).Spec?.Version()))
            .Where(x => x.With is not null)
            .ToList();
        Assert.NotEmpty(versions);
        Assert.All(versions, x => Assert.Equal(x.Without, x.With));
    }

    [Theory]
    [InlineData("{ dag: d }")]
    [InlineData("{ tasks: { t: { noop: true } } }")]
    [InlineData("[]")]
    [InlineData("text")]
    [InlineData("{ dag: d, tasks: {} }")]
    [InlineData("{ dag: d, tasks: ~ }")]
    [InlineData("{ dag: my__dag, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d_, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, shedule: '@daily', tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, schedule: every day, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, schedule: [], tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, schedule: {}, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, schedule: { cron: '@daily', every: 1d }, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, schedule: { cron: '@daily', on_fold: second }, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, on: push, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, on: { push: { branches: [main] } }, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, on: { pull_request: {} }, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, params: { a b: 1 }, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, params: { a: [1] }, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, catchup: yes, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, dagrun_timeout: 2 hours, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, defaults: { needs: [a] }, tasks: { t: { noop: true } } }")]
    [InlineData("{ dag: d, tasks: { t: ~ } }")]
    [InlineData("{ dag: d, tasks: { t: { image: alpine } } }")]
    [InlineData("{ dag: d, tasks: { t: { run: ls, command: [ls] } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: false } } }")]
    [InlineData("{ dag: d, tasks: { t: { run: [ls] } } }")]
    [InlineData("{ dag: d, tasks: { g: { tasks: {} } } }")]
    [InlineData("{ dag: d, tasks: { g: { tasks: { t: { tasks: ~ } } } } }")]
    [InlineData("{ dag: d, tasks: { g: { tasks: { t: { nop: true } } } } }")]
    [InlineData("{ dag: d, tasks: { g: { run: ls, tasks: { t: { noop: true } } } } }")]
    [InlineData("{ dag: d, tasks: { g: { defaults: { needs: [a] }, tasks: { t: { noop: true } } } } }")]
    [InlineData("{ dag: d, tasks: { t: { command: [] } } }")]
    [InlineData("{ dag: d, tasks: { t: { command: [echo, ~] } } }")]
    [InlineData("{ dag: d, tasks: { 'a b': { noop: true } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, retries: -1 } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, retries: 1.5 } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, cpus: 0 } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, memory: 512 } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, timeout: 30 } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, queue: engine-1 } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, stderr: apart } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, trigger_rule: all_sucess } } }")]
    [InlineData("{ dag: d, tasks: { t: { noop: true, skip_on_exit_code: [0] } } }")]
    [InlineData("{ dag: d, tasks: { t: { run: ls, image: '' } } }")]
    [InlineData("{ dag: d, tasks: { t: { run: ls, branch: true } } }")]
    [InlineData("{ dag: d, tasks: { t: { run: ls, env: [A] } } }")]
    [InlineData("{ dag: d, tasks: { t: { run: ls, env: { 1A: x } } } }")]
    public void What_a_schema_can_refuse_both_refuse(string yaml)
    {
        Assert.NotEmpty(DagFile.Read(yaml).Mistakes);
        Assert.False(IsValid(yaml));
    }

    [Theory]
    [InlineData("dags/dag.schema.json", "./nightshift dags schema > dags/dag.schema.json")]
    [InlineData("docs/dag-file.md", "./nightshift dags fields > docs/dag-file.md")]
    public void The_files_in_the_checkout_are_made_from_the_table(string file, string renew)
    {
        var made = file.EndsWith(".json", StringComparison.Ordinal)
            ? DagFileSchema.Text()
            : DagFileReference.Markdown();
        Assert.True(made == File.ReadAllText(InCheckout(file)), $"{file} is not as the table is; renew it: {renew}");
    }

    [Fact]
    public void The_DAGs_that_ship_are_good_and_name_the_schema()
    {
        foreach (var file in Directory.EnumerateFiles(InCheckout("dags"), "*.yaml"))
        {
            var yaml = File.ReadAllText(file);
            Assert.StartsWith("# yaml-language-server: $schema=./dag.schema.json\n", yaml, StringComparison.Ordinal);
            Assert.Empty(DagFile.Read(yaml).Mistakes);
            Assert.True(IsValid(yaml), file);
        }
    }

    static string InCheckout(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Microservices.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run outside of a checkout");
        return Path.Combine(folder.FullName, file);
    }
}
