using System.Globalization;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>Fields of a task and of <c>defaults</c> that say what a failed attempt leads to.</summary>
static class RetryFields
{
    const double DefaultMultiplier = 2; // Airflow's
    const double LargestMultiplier = 100;

    /// <summary>The fields.</summary>
    public static FieldTable<TaskSpec> Table { get; } =
        new FieldTable<TaskSpec>()
            .Add(
                "retries",
                Shapes.Whole(0, 100),
                (task, x) => task with { Retries = x },
                "Further attempts after the first has failed.",
                "3",
                "0"
            )
            .Add(
                "retry_delay",
                Shapes.Duration(TimeSpan.Zero, TaskSpec.LongestDuration),
                (task, x) => task with { RetryDelay = x },
                "Wait before each further attempt.",
                "5m",
                "30s"
            )
            .Add(
                "retry_exponential_backoff",
                Multiplier(),
                (task, x) => task with { RetryExponentialBackoff = x },
                "What the wait is multiplied by after each failure, with Airflow's jitter; `true` is 2.",
                "true",
                "false"
            )
            .Add(
                "max_retry_delay",
                Shapes.Duration(TimeSpan.FromSeconds(1), TaskSpec.LongestRetryDelay),
                (task, x) => task with { MaxRetryDelay = x },
                "The longest wait that grows by `retry_exponential_backoff`. A day when not given.",
                "1h"
            )
            .Add(
                "no_retry_on_exit_code",
                Shapes.ExitCodes,
                (task, x) => task with { NoRetryOnExitCode = x },
                "Exit codes after which the task has failed although retries are left.",
                "[2, 64]"
            )
            .Add(
                "skip_on_exit_code",
                Shapes.ExitCodes,
                (task, x) => task with { SkipOnExitCode = x },
                "Exit codes that mean the task is skipped.",
                "99"
            );

    static Shape<double> Multiplier() =>
        Shape.OfValue(
            "`true`, `false`, or a number from 1 to 100",
            JsonSchemas
                .Matching($"true|True|TRUE|false|False|FALSE|{Shapes.NumberPattern}", "boolean", "number")
                .With("minimum", 0)
                .With("maximum", LargestMultiplier),
            ReadMultiplier
        );

    static double? ReadMultiplier(YamlReader reader, YamlNode node, string what)
    {
        if (node is YamlScalar { Text: var text } && CoreSchema.KindOf(text) is ScalarKind.Boolean)
            return reader.Flag(node, what) is true ? DefaultMultiplier : 0;
        if (
            CoreSchema.TryNumber((node as YamlScalar)?.Text ?? "", out var number)
            && number is 0 or >= 1 and <= (decimal)LargestMultiplier
        )
            return (double)number;
        reader.Wrong(
            node,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what} must be true, false, or what the delay is multiplied by, from 1 to {LargestMultiplier}"
            )
        );
        return null;
    }
}
