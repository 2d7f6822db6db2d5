using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Retort.Data.Text;

/// <summary>Texts as the vectors of their words, cut or filled with zeros to one length.</summary>
sealed class EmbeddedTexts : PreparedExamples
{
    readonly TextExamples _examples;
    readonly WordVectors _vectors;
    readonly int[][] _rows;                                                 // a word's row in the table; -1 for none
    readonly int _length;
    readonly int _cut;

    public EmbeddedTexts(TextExamples examples, int length, WordVectors vectors)
    {
        (_examples, _vectors, _length) = (examples, vectors, length);
        _rows = new int[examples.Rows.Count][];
        for (var i = 0; i < _rows.Length; i++)
        {
            int[] all = [.. WordsOf(examples.Rows[i]).Select(vectors.RowOf)];
            _rows[i] = all.Length > length ? all[..length] : all;
            _cut += all.Length > length ? 1 : 0;
        }
        Info = new()
        {
            Targets = examples.Targets,
            Classes = examples.Classes,
            UsualScore = examples.UsualScore,
            Inputs = [TensorSpec.InputsEmbeds(length, vectors.Width)],
        };
    }

    public override DatasetInfo Info { get; }

    public override WordVectors Words => _vectors;

    public override IReadOnlyList<string> Notes
    {
        get
        {
            var (all, known) = (_rows.Sum(row => row.Length), _rows.Sum(row => row.Count(word => word >= 0)));
            var notes = new List<string>
            {
                $"{NumberFormat.Count(_vectors.Words.Count)} words have vectors, {NumberFormat.Count(known)} of "
                    + $"{NumberFormat.Count(all)} words of all texts; the others are zeros",
            };
            if (_cut > 0) notes.Add(Invariant(
                $"{_cut} of {_rows.Length} texts are longer than {_length} words (maxTokens) and are cut"));
            return notes;
        }
    }

    public override string HashHead => Invariant($"{InputNames.InputsEmbeds} {_length} {_vectors.Width}");

    public override IEnumerable<string> HashTail => _vectors.Words.Select((word, i) =>
        $"{word} {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(_vectors[i])))}");

    public override ExampleSplit SplitOf(SplitRows rows, SplitUse use) => new EmbeddedSplit(this, rows);

    /// <summary>The words of a text, of a pair those of both.</summary>
    public static string[] WordsOf(TextRow row) => $"{row.Text} {row.Second}".ToLowerInvariant()
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    sealed class EmbeddedSplit(EmbeddedTexts texts, SplitRows split) : ExampleSplit(texts._examples, split, texts.Info)
    {
        public override string TextOf(int position) => texts._examples.Rows[Row(position)].Text;

        public override void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            into.Reset(positions.Length);
            into.ViewIndex = 0;
            LoadTargets(positions, into);
            var width = texts._vectors.Width;
            var values = into.Float32(InputNames.InputsEmbeds, [texts._length, width]);         // [B, T, D]
            values.Clear();
            for (var i = 0; i < positions.Length; i++)
            {
                var words = texts._rows[Row(positions[i])];
                for (var t = 0; t < words.Length; t++)
                    if (words[t] >= 0) texts._vectors[words[t]].CopyTo(values[((i * texts._length + t) * width)..]);
            }
        }
    }
}
