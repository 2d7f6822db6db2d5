using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Retort.Data;

/// <summary>Options of <see cref="LookUp"/>.</summary>
public sealed record LookUpOptions : DataOptions, IValidated
{
    /// <summary>Examples that control and student are trained on.</summary>
    [AtLeast(1)] public int Examples { get; init; } = 800;

    /// <summary>
    /// Examples that a teacher is trained on that the recipe trains; the first of them are those of the student.
    /// </summary>
    [AtLeast(1)] public int TeacherExamples { get; init; } = 8000;

    /// <summary>Examples of the validation split.</summary>
    [AtLeast(1)] public int Validation { get; init; } = 800;

    /// <summary>Examples of the test split.</summary>
    [AtLeast(1)] public int Test { get; init; } = 3000;

    /// <summary>Tokens that have a shape and a color, each of another shape.</summary>
    [AtLeast(1)] public int Objects { get; init; } = 5;

    /// <summary>How many shapes there are: at least as many as objects.</summary>
    [AtLeast(1)] public int Shapes { get; init; } = 7;

    /// <summary>How many colors there are, the classes.</summary>
    [AtLeast(2)] public int Colors { get; init; } = 6;

    /// <summary>The seed of the examples.</summary>
    public int Seed { get; init; } = 1;

    public OptionError? Validate() =>
        Shapes < Objects ? new(nameof(Shapes), Invariant($"must be at least objects, {Objects}; it is {Shapes}."))
        : TeacherExamples < Examples ? new(nameof(TeacherExamples),
            Invariant($"must be at least examples, {Examples}; it is {TeacherExamples}."))
        : null;

    public override Dataset Open()
    {
        OptionRules.Check(this);
        var teacher = new LookUp(this, part: 0, TeacherExamples);
        var (validation, test) = (new LookUp(this, part: 1, Validation), new LookUp(this, part: 2, Test));
        return new()
        {
            Name = "look-up",
            Hash = LookUp.Hash(Examples, [teacher, validation, test]),
            Training = teacher.First(Examples),
            TeacherTraining = teacher,
            Validation = validation,
            Test = test,
        };
    }
}

/// <summary>
/// Computed sequences for comparisons of encoders: [CLS], tokens that each have a shape and a color, and a last token
/// that names one of the shapes. The class is the color of the token with this shape.
/// </summary>
/// <remarks>
/// Token ids: 0 padding, which does not occur, 1 [CLS], then shapes times colors, then the names of shapes. The last
/// token is of type 1, the others of type 0.
/// </remarks>
public sealed class LookUp : IDataSplit
{
    const int Cls = 1;
    const int FirstObject = 2;

    readonly long[] _ids;                                                   // [N, T]
    readonly long[] _labels;
    readonly int _length;

    LookUp(LookUp all, int count)
    {
        (_ids, _labels, _length, Info) =
            (all._ids[..(count * all._length)], all._labels[..count], all._length, all.Info);
    }

    /// <summary>Draws a split; each part has a random stream of its own.</summary>
    public LookUp(LookUpOptions options, int part, int count)
    {
        _length = options.Objects + 2;
        _ids = new long[count * _length];
        _labels = new long[count];
        var random = new RandomStream(options.Seed, StreamKey.Data, part);
        for (var i = 0; i < count; i++) _labels[i] = Draw(options, _ids.AsSpan(i * _length, _length), ref random);
        Info = new()
        {
            Classes = [.. Enumerable.Range(1, options.Colors).Select(color => Invariant($"color {color}"))],
            Inputs =
            [
                TensorSpec.Tokens(
                    InputNames.InputIds, _length, FirstObject + options.Shapes * (options.Colors + 1)),
                TensorSpec.Tokens(InputNames.AttentionMask, _length),
                TensorSpec.Tokens(InputNames.TokenTypeIds, _length),
            ],
        };
    }

    public int Count => _labels.Length;
    public DatasetInfo Info { get; }
    public int? Views => 1;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var ids = into.Int64(InputNames.InputIds, [_length]);               // [B, T]
        var mask = into.Int64(InputNames.AttentionMask, [_length]);
        var types = into.Int64(InputNames.TokenTypeIds, [_length]);
        mask.Fill(1);
        types.Clear();
        for (var i = 0; i < positions.Length; i++)
        {
            _ids.AsSpan(positions[i] * _length, _length).CopyTo(ids[(i * _length)..]);
            types[i * _length + _length - 1] = 1;
            into.Labels[i] = _labels[positions[i]];
            into.Ids[i] = positions[i];
        }
    }

    /// <summary>The split of the first examples.</summary>
    internal LookUp First(int count) => new(this, count);

    internal static string Hash(int examples, IReadOnlyList<LookUp> splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(examples));
        foreach (var split in splits)
        {
            hash.AppendData(MemoryMarshal.AsBytes(split._ids.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(split._labels.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // returns the label
    static long Draw(LookUpOptions options, Span<long> ids, ref RandomStream random)
    {
        var shapes = random.Permutation(options.Shapes);
        var colors = new int[options.Objects];
        for (var k = 0; k < colors.Length; k++) colors[k] = random.NextInt(options.Colors);
        var wanted = random.NextInt(options.Objects);

        ids[0] = Cls;
        for (var k = 0; k < colors.Length; k++) ids[k + 1] = FirstObject + shapes[k] * options.Colors + colors[k];
        ids[^1] = FirstObject + options.Shapes * options.Colors + shapes[wanted];
        return colors[wanted];
    }
}
