namespace Nightshift.Cli.Client;

/// <summary>What the exit code of a command says.</summary>
public static class ExitCodes
{
    /// <summary>Done, and the answer is good.</summary>
    public const int Ok = 0;

    /// <summary>It failed, or the answer is a negative one: the run failed, there is no such DAG.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Nightshift, or the service asked for, cannot be reached.</summary>
    public const int Unreachable = 3;

    /// <summary>The token is missing, unknown, or its role is too low.</summary>
    public const int Refused = 4;

    /// <summary>Done, and something was left out that the answer names.</summary>
    public const int Incomplete = 5;
}
