using System.Text.Json;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Scheduler;

/// <summary>Airflow's clients read snake_case; these endpoints answer in it.</summary>
static class AirflowJson
{
    public static JsonSerializerOptions Options { get; } =
        new(Json.Options) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static TBuilder AnswerInSnakeCase<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(
            async (context, next) =>
                await next(context) is var answer && answer is IResult or null
                    ? answer
                    : TypedResults.Json(answer, Options)
        );
}
