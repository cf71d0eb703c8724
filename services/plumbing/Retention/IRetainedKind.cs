namespace Nightshift.Plumbing.Retention;

/// <summary>One kind of data that is removed when it is old.</summary>
public interface IRetainedKind
{
    /// <summary>What it is called: <c>runs</c>.</summary>
    string Name { get; }

    /// <summary>Its setting in section <c>Retention</c>.</summary>
    string Setting { get; }

    /// <summary>What is counted and removed as one: <c>streams</c>, <c>weeks</c>, <c>messages</c>.</summary>
    string Unit { get; }

    /// <summary>How long it is kept; zero for ever.</summary>
    TimeSpan Period { get; }

    /// <summary>How many there are that ended before an instant and may go, in <see cref="Unit"/>.</summary>
    Task<long> CountExpired(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Removes those, a few at a time.</summary>
    /// <returns>How many, in <see cref="Unit"/>.</returns>
    Task<long> RemoveExpired(DateTimeOffset before, CancellationToken cancellationToken);
}
