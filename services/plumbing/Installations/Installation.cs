using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Installations;

/// <summary>
/// One system among others on the same broker or engine. Every name that leaves the database is made here, so that two
/// installations never take each other's messages or containers. The database needs no prefix: it belongs to one
/// installation (<see cref="InstallationStamp"/>).
/// </summary>
/// <param name="id">See <see cref="NightshiftOptions.Installation"/>.</param>
public sealed partial class Installation(string id)
{
    /// <summary>The id of whoever sets none; its names carry no prefix.</summary>
    public const string Default = "nightshift";

    /// <summary>What an id may look like, for the sentence that refuses one.</summary>
    public const string Rule =
        "1 to 20 lower-case letters, digits and dashes, beginning and ending with a letter or digit, "
        + "and not beginning with nightshift-, such as staging";

    Guid? token;

    /// <summary>An installation whose database is known already.</summary>
    public Installation(string id, Guid token, Guid? replacedToken = null)
        : this(id) => (this.token, ReplacedToken) = (token, replacedToken);

    /// <summary>The installation's id.</summary>
    public string Id { get; } = id;

    /// <summary>
    /// What names begin with: empty, or the id and a dot. No id holds a dot, so two ids never make the same name.
    /// </summary>
    public string Prefix { get; } = id == Default ? "" : $"{id}.";

    /// <summary>
    /// Tells this installation from another one that chose the same id: written into its database when that is
    /// prepared, and read from there.
    /// </summary>
    /// <exception cref="InvalidOperationException">The database has not been asked yet.</exception>
    public Guid Token
    {
        get => token ?? throw new InvalidOperationException("The installation's database has not been claimed yet");
        internal set => token = value;
    }

    /// <summary>See <see cref="InstallationStamp.ReplacedToken"/>.</summary>
    public Guid? ReplacedToken { get; internal set; }

    /// <summary>The broker's name of a queue.</summary>
    /// <param name="queue">The queue as this system calls it, e.g. <c>scheduler-trigger-run</c>.</param>
    public string Queue(string queue) => Prefix + queue;

    /// <summary>Where to send what goes to a queue.</summary>
    /// <param name="queue">The queue as this system calls it.</param>
    public Uri Address(string queue) => new($"queue:{Queue(queue)}");

    /// <summary>
    /// The token of a new database. It comes from the secret that all services of one installation share, so that a
    /// database that was dropped and made anew finds its own claims on broker and engine. The key cannot be told from
    /// it.
    /// </summary>
    public static Guid TokenFrom(byte[] gatewayKey) =>
        new(HMACSHA256.HashData(gatewayKey, "nightshift-installation"u8).AsSpan(0, 16));

    /// <summary>True for a text that can be an id.</summary>
    public static bool IsId(string id) => Id20().IsMatch(id);

    // "nightshift-" is what the default's containers begin with.
    [GeneratedRegex(@"\A(?!nightshift-)[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?\z")]
    private static partial Regex Id20();
}
