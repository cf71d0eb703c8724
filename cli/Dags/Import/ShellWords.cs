using System.Text;

namespace Nightshift.Cli.Dags.Import;

/// <summary>Splits a line into words by the quotes of a POSIX shell, as Python's <c>shlex.split</c> does. Templates are
/// part of a word, whatever is in them.</summary>
static class ShellWords
{
    /// <exception cref="NotCarriedOverException">A quote has no end.</exception>
    public static List<string> Split(string text)
    {
        var (words, word, quote, template) = (new List<string>(), (StringBuilder?)null, '\0', 0);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (string.CompareOrdinal(text, i, "{{", 0, 2) == 0)
                template++;
            else if (i > 0 && string.CompareOrdinal(text, i - 1, "}}", 0, 2) == 0 && template > 0)
                template--;
            var inside = template > 0 || c == '}' && i > 0 && text[i - 1] == '}';
            if (inside)
                (word ??= new()).Append(c);
            else if (quote == '\0' && char.IsWhiteSpace(c))
                (word, _) = (null, Add(words, word));
            else if (quote == '\0' && c is '"' or '\'' && quote == '\0')
                (quote, word) = (c, word ?? new());
            else if (c == quote)
                quote = '\0';
            else if (c == '\\' && quote != '\'' && i + 1 < text.Length && (quote == '\0' || text[i + 1] is '"' or '\\'))
                (word ??= new()).Append(text[++i]);
            else
                (word ??= new()).Append(c);
        }
        Add(words, word);
        return quote == '\0' ? words : throw new NotCarriedOverException("A quote of the command has no end");
    }

    static bool Add(List<string> words, StringBuilder? word)
    {
        if (word is not null)
            words.Add(word.ToString());
        return word is not null;
    }
}
