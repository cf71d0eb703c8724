using System.Net;
using System.Text.Json;
using Nightshift.Scheduler.Dags;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>Which versions a DAG has had, and what differs between them.</summary>
[Collection("one broker, one queue")] // a scheduler of one test must not take the messages of another
public sealed class DagVersionTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    readonly string folder = Directory.CreateTempSubdirectory("nightshift-versions-").FullName;

    static DagPublished Published(DagSpec spec, string file = "a.yaml") =>
        new(spec, spec.Version(), file, NextTick: null, Resumes: false, Plans.T0);

    static readonly DagSpec First = Plans.ExtractThenLoad;
    static readonly DagSpec Second = First with { FailFast = true };

    [Fact]
    public void Reading_or_moving_a_file_again_makes_no_version_and_going_back_does() =>
        Assert.Equal(
            [(1, First.Version()), (2, Second.Version()), (3, First.Version())],
            DagVersions
                .Of([
                    Published(First),
                    Published(First, "b.yaml"),
                    new DagWithdrawn(Plans.T0),
                    Published(First),
                    Published(Second),
                    Published(First),
                ])
                .Select(x => (x.Number, x.Version))
        );

    [Fact]
    public void Tasks_are_compared_by_name_wherever_they_stand()
    {
        var (extract, load) = (First.Tasks[0], First.Tasks[1]);
        var moved = First with { Tasks = [extract with { TaskId = "fetch" }, extract, load with { Retries = 7 }] };
        Assert.Equal(
            ["/tasks/fetch", "/tasks/load/retries"],
            DagVersions.Changes(First, moved).Select(x => x.Path).Order()
        );
    }

    [Fact]
    public async Task Versions_and_their_differences_are_answered_by_number()
    {
        using var infrastructure = await TestInfrastructure.Prepare("versions", Cancelled);
        await using var scheduler = await RunningScheduler.Start(infrastructure, folder);
        foreach (var retries in (int[])[0, 3])
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, "a.yaml"),
                $"dag: a\ntasks: {{ x: {{ run: 'true', retries: {retries} }} }}",
                Cancelled
            );
            await Eventually.Is(
                async token => (await Text("/api/v2/dags/a", token)).Contains($"\"retries\":{retries}"),
                "the version",
                Cancelled
            );
        }
        var list = await scheduler.Read<JsonElement>("/api/v2/dags/a/dagVersions", Cancelled);
        Assert.Equal(
            [2, 1],
            list.GetProperty("dag_versions").EnumerateArray().Select(x => x.GetProperty("version_number").GetInt32())
        );
        Assert.Contains(
            "\"retries\":0",
            await Text("/api/v2/dags/a/dagVersions/1", Cancelled),
            StringComparison.Ordinal
        );
        Assert.Equal(
            """{"dag_id":"a","from":1,"to":2,"changes":[{"path":"/tasks/x/retries","before":0,"after":3}]}""",
            await Text("/api/v2/dags/a/dagVersions/2/changes", Cancelled)
        );
        (string Path, HttpStatusCode Status)[] refused =
        [
            ("a/dagVersions/3", HttpStatusCode.NotFound),
            ("a/dagVersions/x", HttpStatusCode.UnprocessableEntity),
            ("a/dagVersions/2/changes?since=0", HttpStatusCode.UnprocessableEntity),
            ("a/dagVersions?order_by=id", HttpStatusCode.UnprocessableEntity),
            ("b/dagVersions", HttpStatusCode.NotFound),
            ("a/tasks/y", HttpStatusCode.NotFound),
        ];
        foreach (var (path, status) in refused)
            Assert.Equal(status, (await scheduler.Http.GetAsync($"/api/v2/dags/{path}", Cancelled)).StatusCode);

        async Task<string> Text(string path, CancellationToken cancellationToken)
        {
            using var answer = await scheduler.Http.GetAsync(path, cancellationToken);
            return await answer.Content.ReadAsStringAsync(cancellationToken);
        }
    }
}
