using System.Text;

namespace Retort.Runtime.Features.Text;

/// <summary>Reads <c>vocab.txt</c>: a token a line, its id the line's index from 0.</summary>
static class VocabularyFile
{
    /// <summary>The tokens by id. Lines may end as on Unix, on Windows or on old Macs, as Python reads them.</summary>
    /// <exception cref="InvalidDataException">A line is empty or there twice, or the text is not UTF-8.</exception>
    public static List<string> Read(string path, long maxBytes)
    {
        using var reader = new StringReader(Encoding.UTF8.GetString(TokenizerFile.ReadUtf8(path, maxBytes).Span));
        var vocabulary = new List<string>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } token)
        {
            vocabulary.Add(token);
            if (token.Length == 0)
                throw new InvalidDataException(
                    Invariant($"{path}, line {vocabulary.Count}: there must be a token; the line is empty."));
            if (!lines.TryAdd(token, vocabulary.Count))
                throw new InvalidDataException(
                    Invariant($"{path}, line {vocabulary.Count}: each token must be there once; ")
                    + Invariant($"{WordPieceCheck.Quoted(token)} is also in line {lines[token]}."));
        }
        return vocabulary;
    }
}
