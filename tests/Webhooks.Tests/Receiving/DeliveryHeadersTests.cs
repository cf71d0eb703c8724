using Microsoft.AspNetCore.Http;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Receiving;

public sealed class DeliveryHeadersTests
{
    const string Guid = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

    [Fact]
    public void A_GUID_is_the_same_delivery_in_either_case() =>
        Assert.Equal(Guid, Read(Guid.ToUpperInvariant(), "push")?.DeliveryId);

    [Theory]
    [InlineData(null, "push")]
    [InlineData("", "push")]
    [InlineData("not-a-guid", "push")]
    [InlineData("{72d3162e-cc78-11e3-81ab-4c9367dc0958}", "push")]
    [InlineData(Guid, null)]
    [InlineData(Guid, "")]
    [InlineData(Guid, "push event")]
    public void Without_a_GUID_and_an_event_there_is_no_delivery(string? id, string? name) =>
        Assert.Null(Read(id, name));

    [Theory]
    [InlineData(null, true, null)]
    [InlineData("41", true, "41")]
    [InlineData("", false, null)]
    [InlineData("4.1", false, null)]
    [InlineData("123456789012345678901", false, null)]
    public void A_hook_has_one_number_or_none(string? hook, bool taken, string? expected)
    {
        var headers = new HeaderDictionary { ["X-GitHub-Delivery"] = Guid, ["X-GitHub-Event"] = "push" };
        if (hook is not null)
            headers["X-GitHub-Hook-ID"] = hook;
        var read = DeliveryHeaders.Read(headers);
        Assert.Equal((taken, expected), (read is not null, read?.HookId));
    }

    [Fact]
    public void A_long_value_is_not_cut_in_the_middle_of_a_character()
    {
        var value = new string('x', 1023) + "\U0001F600";
        var headers = new HeaderDictionary
        {
            ["X-GitHub-Delivery"] = Guid,
            ["X-GitHub-Event"] = "push",
            ["User-Agent"] = value,
        };
        Assert.Equal(new string('x', 1023), DeliveryHeaders.Read(headers)!.Kept["User-Agent"]);
    }

    [Fact]
    public void Headers_of_GitHub_are_kept_and_no_others()
    {
        var headers = new HeaderDictionary
        {
            ["X-GitHub-Delivery"] = Guid,
            ["X-GitHub-Event"] = "push",
            ["X-GitHub-Hook-ID"] = "7",
            [Signature.Header] = "sha256=00",
            ["X-Hub-Signature"] = "sha1=00",
            ["X-Nightshift-Gateway-Key"] = "secret",
            ["Cookie"] = "c",
        };
        Assert.Equal(
            ["X-GitHub-Delivery", "X-GitHub-Event", "X-GitHub-Hook-ID"],
            DeliveryHeaders.Read(headers)!.Kept.Keys
        );
    }

    static DeliveryHeaders? Read(string? id, string? name) =>
        DeliveryHeaders.Read(new HeaderDictionary { ["X-GitHub-Delivery"] = id, ["X-GitHub-Event"] = name });
}
