using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Retort.Data;

/// <summary>Options of <see cref="TopicWords"/>.</summary>
public sealed record TopicWordsOptions : DataOptions, IValidated
{
    /// <summary>Examples of the training split; validation and test have half as many each.</summary>
    [AtLeast(1)] public int Examples { get; init; } = 2000;

    /// <summary>How many classes.</summary>
    [AtLeast(2)] public int Classes { get; init; } = 6;

    /// <summary>How many words there are; each class has as many of its own as the rest, which mean nothing.</summary>
    [AtLeast(3)] public int Vocabulary { get; init; } = 300;

    /// <summary>D: the width of a word's vector.</summary>
    [AtLeast(1)] public int Width { get; init; } = 16;

    /// <summary>Words in a sentence.</summary>
    [AtLeast(1)] public int Length { get; init; } = 12;

    /// <summary>Words of the sentence's class among them.</summary>
    [AtLeast(1)] public int ClassWords { get; init; } = 3;

    /// <summary>The seed of vectors and sentences.</summary>
    public int Seed { get; init; } = 1;

    public OptionError? Validate() =>
        ClassWords > Length
            ? new(nameof(ClassWords), Invariant($"must be at most length, {Length}; it is {ClassWords}."))
        : Vocabulary <= Classes ? new(nameof(Vocabulary),
            Invariant($"must be more than classes, {Classes}; it is {Vocabulary}."))
        : null;

    public override Dataset Open()
    {
        OptionRules.Check(this);
        var half = Math.Max(Examples / 2, 1);
        var words = TopicWords.Draw(this);
        int[] counts = [Examples, half, half];
        var splits = counts.Select((count, part) => new TopicWords(this, words, part, count)).ToList();
        return new()
        {
            Name = "topic-words", Hash = TopicWords.HashOf(words, splits), Words = words,
            Training = splits[0], Validation = splits[1], Test = splits[2],
        };
    }
}

/// <summary>
/// Computed sentences for comparisons of text networks: words with random vectors, of which some belong to one class
/// each. A sentence has a few words of its class at random places, and else words of none.
/// </summary>
public sealed class TopicWords : IDataSplit
{
    readonly WordVectors _words;
    readonly int[] _rows;                                                   // [N, T]
    readonly long[] _labels;
    readonly int _length;

    internal TopicWords(TopicWordsOptions options, WordVectors words, int part, int count)
    {
        (_words, _length) = (words, options.Length);
        (_rows, _labels) = (new int[count * _length], new long[count]);
        var random = new RandomStream(options.Seed, StreamKey.Data, part + 1);
        var own = WordsOfClass(options);
        for (var i = 0; i < count; i++)
        {
            _labels[i] = random.NextInt(options.Classes);
            var sentence = _rows.AsSpan(i * _length, _length);
            for (var t = 0; t < _length; t++) sentence[t] = t < options.ClassWords
                ? (int)_labels[i] * own + random.NextInt(own)
                : options.Classes * own + random.NextInt(options.Vocabulary - options.Classes * own);
            random.Shuffle(sentence);
        }
        Info = new()
        {
            Classes = [.. Enumerable.Range(1, options.Classes).Select(k => Invariant($"topic {k}"))],
            Inputs = [TensorSpec.InputsEmbeds(_length, words.Width)],
        };
    }

    public int Count => _labels.Length;
    public DatasetInfo Info { get; }
    public int? Views => 1;

    public string TextOf(int position) =>
        string.Join(' ', _rows.AsSpan(position * _length, _length).ToArray().Select(row => _words.Words[row]));

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var values = into.Float32(InputNames.InputsEmbeds, [_length, _words.Width]);            // [B, T, D]
        for (var i = 0; i < positions.Length; i++)
        {
            (into.Ids[i], into.Labels[i]) = (positions[i], _labels[positions[i]]);
            for (var t = 0; t < _length; t++) _words[_rows[positions[i] * _length + t]]
                .CopyTo(values[((i * _length + t) * _words.Width)..]);
        }
    }

    internal static WordVectors Draw(TopicWordsOptions options)
    {
        var random = new RandomStream(options.Seed, StreamKey.Data);
        var own = WordsOfClass(options);
        var words = Enumerable.Range(0, options.Vocabulary).Select(row => row < own * options.Classes
            ? Invariant($"topic{row / own + 1}-{row % own + 1}")
            : Invariant($"other-{row - own * options.Classes + 1}"));
        var values = new float[options.Vocabulary * options.Width];
        for (var i = 0; i < values.Length; i++) values[i] = (float)random.Normal();
        return new([.. words], values);
    }

    internal static string HashOf(WordVectors words, IEnumerable<TopicWords> splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var row = 0; row < words.Words.Count; row++) hash.AppendData(MemoryMarshal.AsBytes(words[row]));
        foreach (var split in splits)
        {
            hash.AppendData(MemoryMarshal.AsBytes(split._rows.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(split._labels.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static int WordsOfClass(TopicWordsOptions options) => options.Vocabulary / (options.Classes + 1);
}
