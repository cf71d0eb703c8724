namespace Nightshift.Plumbing.Auth;

/// <summary>What a token may do; each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Nobody in particular; only signed webhooks come this way.</summary>
    None,

    /// <summary>May look at everything.</summary>
    Viewer,

    /// <summary>May also start, retry, acknowledge and resolve.</summary>
    Operator,

    /// <summary>May also discard what was given up and remove history.</summary>
    Admin,
}
