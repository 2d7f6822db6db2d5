using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Retort.Runtime.Features.Text;

/// <summary>
/// The tokenizer of BERT and its relatives, with the ids of Hugging Face's fast tokenizers. Training and the exported
/// student use this one. It is immutable; any number of threads may use it.
/// </summary>
/// <remarks>
/// A text is cleaned of control characters, special tokens in it are kept whole, it is converted to lower case without
/// accents (as the settings say), split at spaces and punctuation, and each word is split into the longest pieces of
/// the vocabulary. All of it takes time linear in the text's length. A surrogate without its pair is left out.
/// </remarks>
public sealed class WordPieceTokenizer
{
    const int OnStack = 256;
    const int SpecialsOfPair = 3;                                           // [CLS] … [SEP] … [SEP]
    const int SpecialsOfText = 2;

    readonly FrozenDictionary<string, int> _ids;
    readonly CharacterTable _characters;
    readonly WordPieceModel _model;
    readonly SpecialTokens _specials;
    readonly FrozenSet<long> _specialIds;

    /// <summary>A tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">The tokens by id; those that continue a word begin with ##.</param>
    /// <param name="settings">The settings; null for those of uncased BERT.</param>
    /// <exception cref="ArgumentException">
    /// A token is empty, no valid Unicode or listed twice, or a special token is missing.
    /// </exception>
    public WordPieceTokenizer(IReadOnlyList<string> vocabulary, WordPieceSettings? settings = null)
    {
        Settings = settings ?? new();
        if (WordPieceCheck.Problem(vocabulary, Settings) is { } problem)
            throw new ArgumentException($"The vocabulary {problem}.", nameof(vocabulary));

        Vocabulary = [.. vocabulary];
        _ids = vocabulary.Index().ToFrozenDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal);
        (UnkId, ClsId) = (_ids[Settings.UnkToken], _ids[Settings.ClsToken]);
        (SepId, PadId) = (_ids[Settings.SepToken], _ids[Settings.PadToken]);
        _characters = new(Settings.LowerCase, Settings.StripsAccents, Settings.TokenizeChineseChars);
        _model = new(_ids);
        _specials = new(WordPieceCheck.SpecialTokens(Settings)
            .Where(_ids.ContainsKey)
            .Select(token => (token, (long)_ids[token])));
        _specialIds = _specials.Ids.ToFrozenSet();
    }

    /// <summary>The settings.</summary>
    public WordPieceSettings Settings { get; }

    /// <summary>The tokens by id.</summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>The number of tokens; ids are less than it.</summary>
    public int VocabularySize => Vocabulary.Count;

    /// <summary>The id of [UNK].</summary>
    public int UnkId { get; }

    /// <summary>The id of [CLS].</summary>
    public int ClsId { get; }

    /// <summary>The id of [SEP].</summary>
    public int SepId { get; }

    /// <summary>The id of [PAD].</summary>
    public int PadId { get; }

    /// <summary>The id of [MASK]; null where the vocabulary lacks it.</summary>
    public int? MaskId => Id(Settings.MaskToken);

    /// <summary>
    /// Reads a tokenizer from a Hugging Face folder: <c>tokenizer.json</c>, or <c>vocab.txt</c> and, where it is there,
    /// <c>tokenizer_config.json</c>.
    /// </summary>
    /// <remarks>Truncation and padding that <c>tokenizer.json</c> may configure are ignored.</remarks>
    /// <exception cref="InvalidDataException">
    /// The files are missing, damaged, too large, of another kind of tokenizer, or contradict each other; the message
    /// names the file.
    /// </exception>
    public static WordPieceTokenizer Open(string folder)
    {
        var (vocabulary, settings) = WordPieceFolder.Read(folder);
        return new(vocabulary, settings);
    }

    /// <summary>
    /// The files <c>vocab.txt</c>, <c>tokenizer.json</c>, <c>tokenizer_config.json</c> and
    /// <c>special_tokens_map.json</c>, from which Hugging Face's libraries and <see cref="Open"/> read this tokenizer.
    /// </summary>
    /// <returns>Each file's name and content.</returns>
    public IReadOnlyList<(string Name, byte[] Content)> Files() => WordPieceFiles.Make(Vocabulary, Settings);

    /// <summary>The token of an id.</summary>
    public string Token(long id) => id >= 0 && id < Vocabulary.Count ? Vocabulary[(int)id]
        : throw new ArgumentOutOfRangeException(
            nameof(id), Invariant($"An id must be from 0 to {Vocabulary.Count - 1}; it is {id}."));

    /// <summary>The id of a token; null where the vocabulary lacks it.</summary>
    public int? Id(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>The words of some ids, with single spaces between them; special tokens are left out.</summary>
    /// <remarks>
    /// As <c>decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)</c>. Case, accents and spaces of
    /// the text are not restored.
    /// </remarks>
    public string Decode(ReadOnlySpan<long> ids)
    {
        var text = new StringBuilder();
        foreach (var id in ids)
        {
            if (_specialIds.Contains(id)) continue;

            var token = Token(id);
            var continues = text.Length > 0 && token.StartsWith(WordPieceModel.Prefix, StringComparison.Ordinal);
            if (text.Length > 0 && !continues) text.Append(' ');
            text.Append(continues ? token.AsSpan(WordPieceModel.Prefix.Length) : token);
        }
        return text.ToString();
    }

    /// <summary>Encodes a text or a pair of texts, with [CLS] and [SEP].</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text of a pair, or null.</param>
    /// <param name="maxTokens">
    /// The most tokens, [CLS] and [SEP] among them; at least 2, of a pair 3. A longer text is cut at its end, of a pair
    /// the longer one first (<c>longest_first</c> of Hugging Face's fast tokenizers).
    /// </param>
    public TextEncoding Encode(string text, string? pair = null, int maxTokens = 512)
    {
        ArgumentNullException.ThrowIfNull(text);
        var room = Math.Min(maxTokens, RoomFor(text.Length + (long)(pair?.Length ?? 0)));
        CheckRoom(maxTokens, pair, nameof(maxTokens));
        var ids = ArrayPool<long>.Shared.Rent(2 * room);
        var count = Encode(text, pair, ids.AsSpan(0, room), ids.AsSpan(room, room));
        var encoding = new TextEncoding(ids[..count], ids[room..(room + count)]);
        ArrayPool<long>.Shared.Return(ids);
        return encoding;
    }

    /// <summary>Encodes a text or a pair into buffers; see the other overload.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text of a pair, or null.</param>
    /// <param name="ids">Receives the ids. Its length is the most tokens.</param>
    /// <param name="tokenTypeIds">Receives the token types; as long as <paramref name="ids"/>.</param>
    /// <returns>The number of tokens. What follows in the buffers is left as it was.</returns>
    public int Encode(string text, string? pair, Span<long> ids, Span<long> tokenTypeIds)
    {
        ArgumentNullException.ThrowIfNull(text);
        CheckRoom(ids.Length, pair, nameof(ids));
        if (tokenTypeIds.Length < ids.Length)
            throw new ArgumentException(
                Invariant($"There must be room for {ids.Length} token types; it is {tokenTypeIds.Length}."),
                nameof(tokenTypeIds));

        ids[0] = ClsId;
        return pair is null ? EncodeOne(text, ids, tokenTypeIds) : EncodePair(text, pair, ids, tokenTypeIds);
    }

    /// <summary>Encodes a text without [CLS] and [SEP], to its end.</summary>
    public long[] EncodeWithoutSpecialTokens(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = ArrayPool<long>.Shared.Rent(RoomFor(text.Length));
        var encoded = ids[..Fill(text, ids, countsAll: false)];
        ArrayPool<long>.Shared.Return(ids);
        return encoded;
    }

    // one character becomes at most three, and each at most one token
    static int RoomFor(long characters) => (int)Math.Min(Array.MaxLength / 2, 3 * characters + SpecialsOfPair);

    static void CheckRoom(int maxTokens, string? pair, string parameter)
    {
        var least = pair is null ? SpecialsOfText : SpecialsOfPair;
        if (maxTokens < least)
            throw new ArgumentException(
                Invariant($"There must be room for at least {least} tokens, [CLS] and [SEP]; it is {maxTokens}."),
                parameter);
    }

    int EncodeOne(string text, Span<long> ids, Span<long> tokenTypeIds)
    {
        var count = Fill(text, ids[1..^1], countsAll: false);
        ids[1 + count] = SepId;
        tokenTypeIds[..(count + 2)].Clear();
        return count + 2;
    }

    int EncodePair(string text, string pair, Span<long> ids, Span<long> tokenTypeIds)
    {
        var room = ids.Length - SpecialsOfPair;
        var seconds = ArrayPool<long>.Shared.Rent(room);
        var firstCount = Fill(text, ids.Slice(1, room), countsAll: true);
        var secondCount = Fill(pair, seconds.AsSpan(0, room), countsAll: true);
        (firstCount, secondCount) = Truncate(firstCount, secondCount, room);

        var start = firstCount + 2;
        ids[start - 1] = SepId;
        seconds.AsSpan(0, secondCount).CopyTo(ids[start..]);
        ids[start + secondCount] = SepId;
        tokenTypeIds[..start].Clear();
        tokenTypeIds.Slice(start, secondCount + 1).Fill(1);
        ArrayPool<long>.Shared.Return(seconds);
        return start + secondCount + 1;
    }

    /// <summary>
    /// How many tokens of a pair are kept: the shorter text is cut only where both have more than half of the room. As
    /// <c>truncate_encodings</c> of the tokenizers library, which gives an odd token to the longer text.
    /// </summary>
    static (int First, int Second) Truncate(int first, int second, int room)
    {
        if ((long)first + second <= room) return (first, second);
        if (first > second)
        {
            var (shorter, longer) = Truncate(second, first, room);
            return (longer, shorter);
        }
        var half = room / 2;
        return first <= half ? (first, room - first) : (half, room - half);
    }

    /// <summary>Writes the ids of a text, as far as there is room.</summary>
    /// <returns>The count of ids; with <paramref name="countsAll"/> also of those that there is no room for.</returns>
    int Fill(ReadOnlySpan<char> text, Span<long> into, bool countsAll)
    {
        var maxCharacters = Settings.MaxCharactersPerWord;
        var length = WordReader.BufferLength(maxCharacters);
        var buffer = length <= OnStack ? stackalloc char[OnStack] : new char[length];
        var pieces = maxCharacters <= OnStack ? stackalloc long[OnStack] : new long[maxCharacters];
        var count = 0;
        while (countsAll || count < into.Length)
        {
            var special = _specials.Find(text);
            count = FillWords(text[..special.Start], into, count, countsAll, buffer, pieces);
            if (special.Length == 0) break;

            if (count < into.Length) into[count] = special.Id;
            count++;
            text = text[(special.Start + special.Length)..];
        }
        return countsAll ? count : Math.Min(count, into.Length);
    }

    int FillWords(
        ReadOnlySpan<char> text, Span<long> into, int count, bool countsAll, Span<char> buffer, Span<long> pieces)
    {
        var words = new WordReader(_characters, text, buffer, Settings.MaxCharactersPerWord);
        while ((countsAll || count < into.Length) && words.Read())
        {
            var length = words.IsTooLong ? 0 : _model.Split(words.Current, pieces);
            if (length == 0)
            {
                pieces[0] = UnkId;
                length = 1;
            }
            if (count < into.Length)
                pieces[..Math.Min(length, into.Length - count)].CopyTo(into[count..]);
            count += length;
        }
        return count;
    }
}
