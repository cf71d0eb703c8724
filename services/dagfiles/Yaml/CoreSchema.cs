using System.Globalization;
using System.Text.RegularExpressions;

namespace Nightshift.DagFiles.Yaml;

/// <summary>
/// The core schema of YAML 1.2 (section 10.3.2): <c>yes</c>, <c>on</c> and dates are text; <c>0o17</c> and <c>0x1F</c>
/// are numbers.
/// </summary>
static partial class CoreSchema
{
    /// <summary>What a plain scalar means.</summary>
    public static ScalarKind KindOf(string plain) =>
        plain switch
        {
            "" or "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
            "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarKind.Boolean,
            _ when Integer().IsMatch(plain) => ScalarKind.Integer,
            _ when Float().IsMatch(plain) => ScalarKind.Float,
            _ => ScalarKind.Text,
        };

    /// <summary>The number that a text writes, if it writes one that fits a decimal.</summary>
    public static bool TryNumber(string text, out decimal number)
    {
        number = 0;
        if (text.Length > 64 || KindOf(text) is not (ScalarKind.Integer or ScalarKind.Float))
            return false;
        return text switch
        {
            ['0', 'x', .. var digits] => TryInteger(digits, 16, out number),
            ['0', 'o', .. var digits] => TryInteger(digits, 8, out number),
            _ => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number),
        };
    }

    static bool TryInteger(string digits, int radix, out decimal number)
    {
        number = 0;
        if (digits.TrimStart('0').Length > 15) // less than 64 bits in either radix
            return false;
        number = Convert.ToInt64(digits, radix);
        return true;
    }

    [GeneratedRegex(@"\A(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\z", RegexOptions.NonBacktracking)]
    private static partial Regex Integer();

    [GeneratedRegex(
        @"\A(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex Float();
}
