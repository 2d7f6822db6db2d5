using System.Globalization;

namespace Retort.Data.Text;

/// <summary>
/// Reads word vectors in the text form of GloVe, word2vec and fastText: on each line a word and its numbers, separated
/// by spaces. A first line of two whole numbers, as the latter two have, is skipped.
/// </summary>
static class WordVectorFile
{
    const int MaxLine = 1 << 20;

    /// <summary>The vectors of the wanted words, in the file's order.</summary>
    /// <exception cref="InvalidDataException">
    /// A line is no word with numbers, or no wanted word has a vector.
    /// </exception>
    public static WordVectors Read(string path, IReadOnlySet<string> wanted, MemoryLimit limit)
    {
        var (words, values, width, number) = (new List<string>(), new List<float>(), 0, 0);
        var found = new HashSet<string>(StringComparer.Ordinal);
        using var file = InputFile.Open(path);
        using var text = Gzip.Is(file) ? Gzip.Open(file, path) : file;
        using var reader = new StreamReader(text);
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length > MaxLine) throw Wrong(Invariant($"has more than {MaxLine} characters"));
            var end = line.IndexOf(' ');
            if (end <= 0) throw Wrong("must be a word and its numbers, with spaces between");
            var rest = line.AsSpan(end + 1).Trim(' ');
            var count = rest.Count(' ') + 1;
            if (number == 1 && count == 1 && int.TryParse(line.AsSpan(0, end), out _) && int.TryParse(rest, out _))
                continue;
            if (width == 0) width = count;
            if (count > width)                                              // a word with spaces in it
            {
                var fields = line.TrimEnd(' ').Split(' ');
                end = fields.SkipLast(width).Sum(field => field.Length + 1) - 1;
                rest = line.AsSpan(end + 1).Trim(' ');
                count = rest.Count(' ') + 1;
            }
            if (count != width) throw Wrong(Invariant($"must have {width} numbers, as the first; it has {count}"));

            var word = line[..end];
            if (!wanted.Contains(word) || !found.Add(word)) continue;

            limit.ReserveItem(sizeof(float) * (long)width + sizeof(char) * word.Length, path);
            words.Add(word);
            foreach (var range in rest.Split(' '))
                values.Add(float.TryParse(rest[range], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                    && float.IsFinite(value) ? value
                    : throw Wrong(
                        $"must have finite numbers; one is \"{rest[range].ToString().OnOneLine().Shortened(40)}\""));
        }
        return words.Count > 0 ? new(words, [.. values]) : throw new InvalidDataException(
            $"{path} has no vector of a word of the training texts: is it a file of word vectors in this language?");

        InvalidDataException Wrong(string what) => new(Invariant($"{path}, line {number}: a line {what}."));
    }
}
