using System.Text.RegularExpressions;

namespace Nightshift.DagFiles;

/// <summary>What a variable may be called.</summary>
public static partial class VariableKey
{
    /// <summary>The rule, for the sentence that refuses a key.</summary>
    public const string Rule =
        "1 to 250 letters, digits, _, - and ., beginning with a letter, a digit or _, such as region";

    /// <summary>What a variable whose key looks like that of a secret is answered with.</summary>
    public const string SecretAdvice =
        "it looks like that of a secret, and a variable can be read by everybody; store a secret, and name it in 'env' as "
        + "secret:NAME";

    /// <summary>True for a key that a variable can have, were it no secret's.</summary>
    public static bool IsKey(string key) => Key().IsMatch(key);

    /// <summary>Why a variable cannot be called so; null when it can.</summary>
    public static string? Mistake(string key) =>
        !IsKey(key) ? $"write {Rule}"
        : SecretNames.LooksSecret(key) ? SecretAdvice
        : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,249}\z")]
    private static partial Regex Key();
}
