using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>Fields that limit how many tasks work at a time: what they mean, and what is refused.</summary>
public sealed class TaskLimitTables
{
    static TaskSpec Task(string fields, string defaults = "") =>
        Dag($"dag: a\ndefaults: {{ {defaults} }}\ntasks: {{ x: {{ noop: true, {fields} }} }}").Tasks[0];

    [Fact]
    public void They_come_from_the_task_or_from_the_defaults()
    {
        const string fields =
            "pool: db, pool_slots: 2, priority_weight: -3, weight_rule: absolute, max_active_tis_per_dag: 4, "
            + "max_active_tis_per_dagrun: 5";
        foreach (var x in new[] { Task(fields), Task("", fields) })
            Assert.Equal(
                ("db", 2, -3, WeightRule.Absolute, 4, 5),
                (x.Pool, x.PoolSlots, x.PriorityWeight, x.WeightRule, x.MaxActiveTisPerDag, x.MaxActiveTisPerDagrun)
            );
        Assert.Equal(("own", 2), (Task("pool: own", fields).Pool, Task("pool: own", fields).PoolSlots));
        Assert.Equal(7, Dag("dag: a\nmax_active_tasks: 7\ntasks: { x: { noop: true } }").MaxActiveTasks);
    }

    [Fact]
    public void Slots_without_a_pool_are_those_of_the_default_pool() =>
        Assert.Equal(("default_pool", 3), (Task("pool_slots: 3").Pool, Task("pool_slots: 3").PoolSlots));

    // What is not written takes no room in each task of each run, and changes no version.
    [Fact]
    public void Fields_that_are_not_used_are_not_stored()
    {
        var dag = Dag("dag: a\ntasks: { x: { noop: true } }");
        var json = System.Text.Json.JsonSerializer.Serialize(dag, Plumbing.Hosting.Json.Options);
        foreach (var field in new[] { "pool", "priority", "weight", "active" })
            Assert.DoesNotContain(field, json, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("pool: 'a b'", "write 1 to 100 letters, digits, _, - and .")]
    [InlineData("pool: { a: 1 }", "'tasks.x.pool' must be text")]
    [InlineData("pool_slots: 0", "'tasks.x.pool_slots' is '0'; write a whole number from 1 to 1000000")]
    [InlineData("priority_weight: high", "write a whole number from -1000000 to 1000000")]
    [InlineData("weight_rule: downstrem", "write downstream or upstream or absolute")]
    [InlineData("max_active_tis_per_dag: 0", "write a whole number from 1 to 1000000")]
    [InlineData("max_active_tis_per_dagrun: -1", "write a whole number from 1 to 1000000")]
    public void What_cannot_be_is_refused_with_what_to_write(string field, string mistake)
    {
        var reading = DagFile.Read($"dag: a\ntasks:\n  x:\n    noop: true\n    {field}\n");
        Assert.Contains(mistake, Assert.Single(reading.Mistakes).Text, StringComparison.Ordinal);
        Assert.Equal(5, reading.Mistakes[0].Line);
    }

    [Fact]
    public void A_run_lets_at_least_one_task_work()
    {
        var reading = DagFile.Read("dag: a\nmax_active_tasks: 0\ntasks: { x: { noop: true } }");
        Assert.Contains("'max_active_tasks' is '0'", Assert.Single(reading.Mistakes).Text, StringComparison.Ordinal);
    }
}
