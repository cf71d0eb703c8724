using System.Text;

namespace Nightshift.Cli.Dags.Import.Airflow.Jinja;

/// <summary>Follows a script of bash and knows how its quotes stand at the end of what was read.</summary>
sealed class ShellPosition
{
    enum Place
    {
        Parenthesis, // also $( … )
        Arithmetic, // (( … ))
        Backticks,
        DoubleQuotes,
        SingleQuotes,
        AnsiQuotes, // $'…'
        Comment,
    }

    readonly Stack<Place> open = new();
    readonly Queue<(string End, bool Tabs, bool Quoted)> expected = new(); // here-documents whose line has not ended
    (string End, bool Tabs, bool Quoted)? document;
    readonly StringBuilder line = new(); // of the here-document
    char last = '\n';
    bool escaped;
    bool unclear; // a pattern of 'case' closes a parenthesis that only a parser of bash can tell from another

    /// <summary>How a variable is written here.</summary>
    /// <exception cref="NotCarriedOverException">No variable has a value here.</exception>
    public string Variable(string name)
    {
        if (escaped || document is { Quoted: true })
            throw new NotCarriedOverException(
                escaped
                    ? "A template stands behind a backslash"
                    : "A template stands in a here-document with a quoted end, where variables have no value"
            );
        if (unclear)
            throw new NotCarriedOverException("A template stands behind 'case' in parentheses");
        last = 'x';
        line.Append('x');
        return document is not null ? $"${{{name}}}"
            : open.TryPeek(out var place) ? In(place, name)
            : $"${{{name}}}";
    }

    static string In(Place place, string name) =>
        place switch
        {
            Place.SingleQuotes => $"'\"${{{name}}}\"'",
            Place.AnsiQuotes => $"'\"${{{name}}}\"$'",
            _ => $"${{{name}}}",
        };

    /// <summary>Goes on over text.</summary>
    public void Read(string text)
    {
        for (var i = 0; i < text.Length; i++)
            i += document is null ? Take(text, i) : TakeDocument(text[i]);
    }

    // The number of characters that were taken besides this one.
    int Take(string text, int i)
    {
        var (c, next) = (text[i], i + 1 < text.Length ? text[i + 1] : '\0');
        if (escaped)
        {
            escaped = false;
            last = 'x';
            return 0;
        }
        var more =
            open.TryPeek(out var place)
                ? place switch
                {
                    Place.SingleQuotes => CloseAt(c, '\''),
                    Place.AnsiQuotes => Escape(c) ? 0 : CloseAt(c, '\''),
                    Place.Comment => EndComment(c),
                    Place.DoubleQuotes => Escape(c) ? 0
                    : c == '"' ? CloseAt(c, '"')
                    : Open(c, next, text, i, quoted: true),
                    _ => Escape(c) ? 0 : Open(c, next, text, i, quoted: false),
                }
            : Escape(c) ? 0
            : Open(c, next, text, i, quoted: false);
        last = c;
        return more;
    }

    bool Escape(char c) => escaped = c == '\\';

    int CloseAt(char c, char end)
    {
        if (c == end)
            open.Pop();
        return 0;
    }

    int EndComment(char c)
    {
        if (c != '\n')
            return 0;
        open.Pop();
        BeginDocument();
        return 0;
    }

    int Open(char c, char next, string text, int i, bool quoted)
    {
        switch (c)
        {
            case '$' when next == '(':
                return OpenParenthesis(text, i + 1) + 1;
            case '`' when open.Contains(Place.Backticks):
                while (open.Pop() != Place.Backticks) { }
                return 0;
            case '`':
                open.Push(Place.Backticks);
                return 0;
        }
        return quoted ? 0 : OpenUnquoted(c, next, text, i);
    }

    int OpenUnquoted(char c, char next, string text, int i)
    {
        switch (c)
        {
            case '"':
                open.Push(Place.DoubleQuotes);
                return 0;
            case '\'':
                open.Push(Place.SingleQuotes);
                return 0;
            case '$' when next == '\'':
                open.Push(Place.AnsiQuotes);
                return 1;
            case 'c' when open.Count > 0 && !char.IsLetterOrDigit(last) && text.AsSpan(i).StartsWith("case "):
                unclear = true;
                return 0;
            case '(':
                return OpenParenthesis(text, i);
            case ')':
                return CloseParenthesis(next);
            case '#' when last is ' ' or '\t' or '\n' or ';' or '&' or '|' or '(':
                open.Push(Place.Comment);
                return 0;
            case '<' when next == '<' && !open.Contains(Place.Arithmetic):
                return ExpectDocument(text, i + 2) + 1;
            case '\n':
                BeginDocument();
                return 0;
        }
        return 0;
    }

    int OpenParenthesis(string text, int i)
    {
        var arithmetic = i + 1 < text.Length && text[i + 1] == '(';
        open.Push(arithmetic ? Place.Arithmetic : Place.Parenthesis);
        return arithmetic ? 1 : 0;
    }

    // A pattern of 'case' has a parenthesis that nothing opened.
    int CloseParenthesis(char next)
    {
        if (!open.TryPeek(out var place) || place is not (Place.Parenthesis or Place.Arithmetic))
            return 0;
        open.Pop();
        return place is Place.Arithmetic && next == ')' ? 1 : 0;
    }

    // "<<EOF", "<<-'EOF'"; "<<<" is a string. The number of characters behind the signs.
    int ExpectDocument(string text, int from)
    {
        if (from < text.Length && text[from] == '<')
            return 1;
        var i = from;
        var tabs = i < text.Length && text[i] == '-';
        i += tabs ? 1 : 0;
        while (i < text.Length && text[i] is ' ' or '\t')
            i++;
        var begin = i;
        while (
            i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] is not (';' or '&' or '|' or ')' or '<' or '>')
        )
            i++;
        var word = text[begin..i];
        var end = word.Replace("'", "").Replace("\"", "").Replace("\\", "");
        if (end.Length == 0)
            throw new NotCarriedOverException("A here-document has no end that could be read");
        expected.Enqueue((end, tabs, end != word));
        return i - from;
    }

    void BeginDocument()
    {
        if (!expected.TryDequeue(out var next))
            return;
        document = next;
        line.Clear();
    }

    int TakeDocument(char c)
    {
        if (c != '\n')
        {
            line.Append(c);
            return 0;
        }
        var (end, tabs, _) = document!.Value;
        var text = line.ToString();
        line.Clear();
        if ((tabs ? text.TrimStart('\t') : text) == end)
        {
            document = null;
            last = '\n';
            BeginDocument();
        }
        return 0;
    }
}
