using System.Runtime.InteropServices;
using Retort.Runtime.Features.Text;

namespace Retort.Data.Text;

/// <summary>Merges the most frequent pair of neighbouring tokens, again and again. See Sennrich et al. 2016.</summary>
/// <remarks>
/// Counts are kept by pair, and so are the words that have it, so that a merge touches these words only. A queue has
/// the pairs by their count when they were put in; one whose count has fallen since goes back into it.
/// </remarks>
sealed class PairMerges
{
    readonly TokenList _tokens;
    readonly List<int[]> _words = [];                                       // each word's tokens
    readonly List<long> _wordCounts = [];
    readonly Dictionary<(int First, int Second), Pair> _pairs = [];
    readonly PriorityQueue<(int First, int Second), (int First, int Second, long Count)> _queue;

    sealed class Pair
    {
        public long Count { get; set; }
        public List<int> Words { get; } = [];
    }

    /// <summary>Starts with words of single characters.</summary>
    /// <param name="words">The count of each word.</param>
    /// <param name="tokens">Has the words' characters; merged tokens are added to it.</param>
    public PairMerges(Dictionary<string, long> words, TokenList tokens)
    {
        _tokens = tokens;
        _queue = new(Comparer<(int First, int Second, long Count)>.Create(Compare));
        foreach (var (word, count) in words)
        {
            _words.Add([.. word.EnumerateRunes().Select(
                (character, i) => tokens.Add(i == 0 ? character.ToString() : WordPieceModel.Prefix + character))]);
            _wordCounts.Add(count);
            AddPairs(_words.Count - 1);
        }
        foreach (var (pair, found) in _pairs) Enqueue(pair, found.Count);
    }

    /// <summary>Merges until there are enough tokens, or no pair is frequent enough.</summary>
    public void Run(int size, int minFrequency)
    {
        while (_tokens.Count < size && _queue.TryDequeue(out var pair, out var priority))
        {
            if (!_pairs.TryGetValue(pair, out var found)) continue;          // merged meanwhile
            if (found.Count != priority.Count)
            {
                if (found.Count > 0) Enqueue(pair, found.Count);
                continue;
            }
            if (found.Count < minFrequency) return;
            Merge(pair, found);
        }
    }

    // most frequent first, then in the order of the tokens
    int Compare((int First, int Second, long Count) one, (int First, int Second, long Count) other)
    {
        if (one.Count != other.Count) return other.Count.CompareTo(one.Count);
        var order = string.CompareOrdinal(_tokens[one.First], _tokens[other.First]);
        return order != 0 ? order : string.CompareOrdinal(_tokens[one.Second], _tokens[other.Second]);
    }

    void Enqueue((int First, int Second) pair, long count) => _queue.Enqueue(pair, (pair.First, pair.Second, count));

    void Merge((int First, int Second) pair, Pair found)
    {
        var merged = _tokens.Add(_tokens[pair.First] + _tokens[pair.Second][WordPieceModel.Prefix.Length..]);
        _pairs.Remove(pair);
        var changed = new HashSet<(int First, int Second)>();
        foreach (var word in found.Words)
        {
            if (!Contains(_words[word], pair)) continue;                    // listed twice, or merged

            RemovePairs(word);
            _words[word] = Merged(_words[word], pair, merged);
            AddPairs(word, merged, changed);
        }
        foreach (var one in changed) Enqueue(one, _pairs[one].Count);
    }

    static bool Contains(int[] word, (int First, int Second) pair)
    {
        for (var i = 0; i + 1 < word.Length; i++)
            if (word[i] == pair.First && word[i + 1] == pair.Second)
                return true;
        return false;
    }

    static int[] Merged(int[] word, (int First, int Second) pair, int token)
    {
        var tokens = new List<int>(word.Length);
        for (var i = 0; i < word.Length; i++)
        {
            var isPair = i + 1 < word.Length && word[i] == pair.First && word[i + 1] == pair.Second;
            tokens.Add(isPair ? token : word[i]);
            if (isPair) i++;
        }
        return [.. tokens];
    }

    void RemovePairs(int word)
    {
        var tokens = _words[word];
        for (var i = 0; i + 1 < tokens.Length; i++)
            if (_pairs.TryGetValue((tokens[i], tokens[i + 1]), out var pair))
                pair.Count -= _wordCounts[word];
    }

    void AddPairs(int word, int merged = -1, HashSet<(int First, int Second)>? changed = null)
    {
        var tokens = _words[word];
        for (var i = 0; i + 1 < tokens.Length; i++)
        {
            var key = (tokens[i], tokens[i + 1]);
            ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, key, out _);
            pair ??= new();
            pair.Count += _wordCounts[word];
            var isNew = changed is null || tokens[i] == merged || tokens[i + 1] == merged;
            if (!isNew) continue;

            if (pair.Words.Count == 0 || pair.Words[^1] != word) pair.Words.Add(word);
            changed?.Add(key);
        }
    }
}
