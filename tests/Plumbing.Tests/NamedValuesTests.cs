using System.Text;
using FsCheck.Xunit;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Tests;

/// <summary>Which values are part of an event and which are stored beside its stream.</summary>
public sealed class NamedValuesTests
{
    [Fact]
    public void Values_that_are_short_together_stay_as_they_are()
    {
        var values = Values(("a", 2048), ("b", 2048));
        var divided = NamedValues.Of(values);
        Assert.Same(values, divided.Inline);
        Assert.Null(divided.References);
        Assert.Empty(divided.Stored);
    }

    // lengths of a, b, c … │ those beside the stream
    [Theory]
    [InlineData(new[] { 4097 }, "a")]
    [InlineData(new[] { 2048, 2049 }, "b")]
    [InlineData(new[] { 3000, 3000, 10 }, "a")] // of two the first by name
    [InlineData(new[] { 300, 32_768, 5000, 3900 }, "b,c,d")]
    [InlineData(new[] { 256, 256, 4096 }, "c")]
    public void The_longest_are_stored_until_the_rest_is_short(int[] lengths, string stored)
    {
        var values = Values([.. lengths.Select((x, i) => ($"{(char)('a' + i)}", x))]);
        Assert.Equal(stored.Split(','), NamedValues.Of(values).References!.Keys);
    }

    [Fact]
    public void Many_short_values_stay_since_references_would_take_as_much()
    {
        var divided = NamedValues.Of(Values([.. Enumerable.Range(0, 64).Select(i => ($"v{i}", 256))]));
        Assert.Equal((64, null), (divided.Inline.Count, divided.References));
    }

    [Property]
    public void Nothing_is_lost_and_what_is_inline_is_bounded(int[] lengths)
    {
        var values = Values([.. lengths.Take(64).Select((x, i) => ($"v{i}", (int)(Math.Abs((long)x * 997) % 32_769)))]);
        var divided = NamedValues.Of(values);
        var joined = divided.Inline.ToDictionary();
        foreach (var (name, reference) in divided.References ?? new Dictionary<string, ValueReference>())
        {
            joined.Add(name, divided.Stored[reference.Sha256]);
            Assert.Equal(ValueReference.To(values[name]), reference);
        }
        Assert.Equal(values, joined);
        Assert.True(
            divided.Inline.Values.Where(x => x.Length > NamedValues.AlwaysInline).Sum(x => x.Length)
                <= NamedValues.MostInline
        );
        Assert.True(divided.Inline.Values.Sum(Encoding.UTF8.GetByteCount) <= 64 * NamedValues.AlwaysInline);
    }

    static Dictionary<string, string> Values(params (string Name, int Length)[] values) =>
        values.ToDictionary(x => x.Name, x => new string('x', x.Length));
}
