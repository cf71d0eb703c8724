using System.Text.Json;
using FsCheck.Xunit;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Tests.Client;

/// <summary>JSON that is written in parts reads as if it had been written whole.</summary>
public sealed class JsonTextTests
{
    [Property]
    public void The_beginning_of_JSON_is_that_of_all_of_it(string?[] names, string?[] texts, int[] numbers, byte most)
    {
        var json = Json(names, texts, numbers);
        Assert.Equal(Terminal.Excerpt(json.Compact(), most + 2), json.Excerpt(most + 2));
    }

    [Property]
    public void JSON_written_while_it_is_made_is_the_same(string?[] names, string?[] texts, int[] numbers)
    {
        var json = Json(names, texts, numbers);
        var written = new StringWriter();
        JsonOutput.WritePretty(json, written);
        Assert.Equal(json.Pretty(), written.ToString());
    }

    // larger than a buffer, with characters of two to four bytes where one buffer ends
    [Theory]
    [InlineData("é")]
    [InlineData("\u2028")]
    [InlineData("😀")]
    public void A_character_may_begin_in_one_part_and_end_in_the_next(string character)
    {
        for (var shift = 0; shift < 4; shift++)
        {
            var text = new string('x', shift) + string.Concat(Enumerable.Repeat(character, 20_000));
            var json = JsonSerializer.SerializeToElement(Enumerable.Repeat(text, 3));
            var written = new StringWriter();
            JsonOutput.WritePretty(json, written);
            Assert.Equal(json.Pretty(), written.ToString());
        }
    }

    static JsonElement Json(string?[] names, string?[] texts, int[] numbers) =>
        JsonSerializer.SerializeToElement(
            new object?[]
            {
                names.Where(x => x is not null).Distinct().ToDictionary(x => x!, object? (_) => texts),
                numbers,
                null,
                true,
                new Dictionary<string, object> { ["a"] = new Dictionary<string, int>() },
            }
        );
}
