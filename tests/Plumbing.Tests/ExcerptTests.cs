using FsCheck;
using FsCheck.Xunit;
using Nightshift.Plumbing.Text;

namespace Nightshift.Plumbing.Tests;

public sealed class ExcerptTests
{
    [Theory]
    [InlineData("", 0, "")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abc", 9, "abc")]
    [InlineData("abc", 2, "ab")]
    [InlineData("a😀b", 1, "a")]
    [InlineData("a😀b", 2, "a")]
    [InlineData("a😀b", 3, "a😀")]
    public void A_text_is_cut_between_characters(string text, int length, string start) =>
        Assert.Equal(start, Excerpt.Start(text, length));

    [Property]
    public bool A_start_is_as_long_as_it_may_be_without_half_a_pair(NonNull<string> text, NonNegativeInt length)
    {
        var start = Excerpt.Start(text.Get, length.Get);
        return text.Get.StartsWith(start, StringComparison.Ordinal)
            && start.Length <= length.Get
            && start.Length >= Math.Min(text.Get.Length, length.Get) - 1;
    }
}
