using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Variables;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Variables;

public sealed class VariableDeciderSpecs
{
    static readonly DateTimeOffset At = Plans.T0;

    static Given<Variable> Given(params object[] events) => new(Variable.Stream, events);

    static CreateVariable Create(string key, string value = "eu", string? description = null) =>
        new(key, new(value, description), "ada", At);

    static VariableSet Set(string value, string? description = null) => new("region", value, description, "ada", At);

    [Fact]
    public void A_variable_is_made_and_changed()
    {
        Assert.Equal([Set("eu")], VariableDecider.Decide(Variable.None, Create("region")));
        Given(Set("eu"))
            .When(x => VariableDecider.Decide(x, new ChangeVariable("region", "us", null, "ada", At)))
            .Expect(Set("us"))
            .When(x => VariableDecider.Decide(x, new ChangeVariable("region", null, "Where.", "ada", At)))
            .Expect(Set("us", "Where."))
            .When(x => VariableDecider.Decide(x, new ChangeVariable("region", null, "", "ada", At)))
            .Expect(Set("us"));
        Given(Set("eu"))
            .When(x => VariableDecider.Decide(x, new ChangeVariable("region", null, "", "ada", At)))
            .ExpectNothing();
    }

    [Fact]
    public void One_that_is_deleted_may_be_made_anew()
    {
        var deleted = new VariableDeleted("region", "ada", At);
        Assert.Equal<object>(
            [deleted],
            VariableDecider.Decide(Given(Set("eu")).State, new DeleteVariable("region", "ada", At))
        );
        Assert.Equal([Set("ap")], VariableDecider.Decide(Given(Set("eu"), deleted).State, Create("region", "ap")));
    }

    [Fact]
    public void What_it_has_already_is_no_event()
    {
        Given(Set("eu"))
            .When(x => VariableDecider.Decide(x, new ChangeVariable("region", "eu", null, "ada", At)))
            .ExpectNothing();
        Given(Set("eu"))
            .When(x => VariableDecider.Decide(x, Create("region") with { Overwrites = true }))
            .ExpectNothing();
    }

    [Fact]
    public void One_that_exists_is_not_made_again_unless_it_is_overwritten()
    {
        Assert.Equal("variable_exists", Refusal(x => VariableDecider.Decide(x, Create("region")), Set("us")));
        Given(Set("us"))
            .When(x => VariableDecider.Decide(x, Create("region") with { Overwrites = true }))
            .Expect(Set("eu"));
    }

    [Fact]
    public void One_that_does_not_exist_is_neither_changed_nor_deleted()
    {
        Assert.Equal(
            "unknown_variable",
            Refusal(x => VariableDecider.Decide(x, new ChangeVariable("region", "eu", null, "ada", At)))
        );
        Assert.Equal(
            "unknown_variable",
            Refusal(x => VariableDecider.Decide(x, new DeleteVariable("region", "ada", At)))
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("-a")]
    [InlineData("größe")]
    [InlineData("a\nb")]
    [InlineData("{{a}}")]
    public void A_key_is_letters_digits_and_a_few_signs(string key) =>
        Assert.Equal("invalid_key", Refusal(x => VariableDecider.Decide(x, Create(key))));

    [Theory]
    [InlineData("password")]
    [InlineData("DB_PASSWORD")]
    [InlineData("dbpasswd")]
    [InlineData("mySecret")]
    [InlineData("API-KEY")]
    [InlineData("apiKey")]
    [InlineData("aws.access_key")]
    [InlineData("github_token")]
    [InlineData("githubToken")]
    [InlineData("TOKEN")]
    [InlineData("private_key")]
    [InlineData("passphrase")]
    [InlineData("Authorization")]
    public void A_secret_is_no_variable(string key)
    {
        var refusal = Assert.Throws<RejectedException>(() => VariableDecider.Decide(Variable.None, Create(key)));
        Assert.Equal("invalid_key", refusal.Code);
        Assert.Contains("secret:NAME", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("tokenizer")]
    [InlineData("region")]
    [InlineData("monkey.business")]
    [InlineData("pass_rate")]
    public void What_only_sounds_like_one_is_a_variable(string key) =>
        Assert.Single(VariableDecider.Decide(Variable.None, Create(key)));

    [Theory]
    [InlineData("""{"host":"a","password":"x"}""")]
    [InlineData("""[{"db":{"api_key":"x"}}]""")]
    [InlineData("""  {"github_token":"x"}""")]
    public void Nor_is_one_inside_its_value(string value) =>
        Assert.Equal("invalid_value", Refusal(x => VariableDecider.Decide(x, Create("db", value))));

    [Fact]
    public void Values_and_descriptions_are_bounded()
    {
        Assert.Single(VariableDecider.Decide(Variable.None, Create("a", new string('ä', 16 * 1024))));
        Assert.Equal(
            "invalid_value",
            Refusal(x => VariableDecider.Decide(x, Create("a", new string('ä', 16 * 1024) + "x")))
        );
        Assert.Equal(
            "invalid_description",
            Refusal(x => VariableDecider.Decide(x, Create("a", "x", new string('x', 1001))))
        );
    }

    static string Refusal(Func<Variable, IReadOnlyList<object>> decide, params object[] events) =>
        Assert.Throws<RejectedException>(() => decide(events.Aggregate(Variable.None, Variable.Evolve))).Code;
}
