using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary>The name of a task of a run, as commands take it.</summary>
static class TaskName
{
    /// <summary>Of an answer's <c>task_id</c> and <c>map_index</c>: <c>load[3]</c> for an instance of a mapped
    /// task.</summary>
    public static string Of(JsonElement task) =>
        task.At("map_index") is { ValueKind: JsonValueKind.Number } index && index.GetInt32() >= 0
            ? $"{task.Text("task_id")}[{index.GetInt32()}]"
            : task.Text("task_id");

    /// <summary>The same with what the instance is called.</summary>
    public static string WithIndexName(JsonElement task) =>
        task.Text("rendered_map_index") is { Length: > 0 } called ? $"{Of(task)} ({called})" : Of(task);
}
