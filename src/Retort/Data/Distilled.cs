using Retort.Contracts.Distilled;

namespace Retort.Data;

/// <summary>Options of a distilled data set as the training split of any recipe.</summary>
public sealed record DistilledOptions : DataOptions, IValidated
{
    /// <summary>The folder that the methods <c>sldd</c> and <c>tdd</c> write, with <c>distilled.json</c>.</summary>
    [RecipePath] public required string Path { get; init; }

    /// <summary>
    /// The data that was distilled: its validation and test splits select and score, its training split is not used.
    /// </summary>
    public required DataOptions Evaluation { get; init; }

    public OptionError? Validate() => DataPath.Check(nameof(Path), Path);

    public override Dataset Open()
    {
        OptionRules.Check(this);
        var card = DistilledFolder.ReadCard(Path);
        var real = Evaluation.Open();
        if (real.Hash != card.DataHash) throw new InvalidDataException(
            $"{Path} was distilled from the data \"{card.DataName}\" with hash {card.DataHash}; "
            + $"data.evaluation names \"{real.Name}\" with hash {real.Hash}.");

        using var scope = torch.NewDisposeScope();
        var samples = DistilledFolder.ReadSamples(Path, card);
        return new()
        {
            Name = $"{card.DataName}, distilled",
            Hash = Tensors.Files.FileHash.Sha256OfText(
                string.Join(' ', card.Files.OrderBy(file => file.Key).Select(file => file.Value).Append(real.Hash))),
            Notes =
            [
                Invariant($"{card.Steps * card.Samples} distilled samples of the method {card.Method} are the ")
                    + "training examples, with their labels as the targets of the supervised loss",
            ],
            Words = real.Words,
            StudentFiles = real.StudentFiles,
            Training = new Distilled(real.Info, samples),
            Validation = real.Validation,
            Test = real.Test,
        };
    }
}

/// <summary>The samples of a distilled data set. The class of a sample is that of its largest label.</summary>
public sealed class Distilled : IDataSplit
{
    readonly float[] _inputs;                                               // [N, ..]
    readonly float[] _labels;                                               // [N, C]
    readonly int _size;

    internal Distilled(DatasetInfo info, DistilledSamples samples)
    {
        Info = info;
        Count = samples.Batches * samples.Samples;
        (_inputs, _labels) = (samples.Inputs.ToFloatArray(), samples.Labels.ToFloatArray());
        _size = _inputs.Length / Count;
    }

    public int Count { get; }
    public DatasetInfo Info { get; }
    public int? Views => 1;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        var (input, classes) = (Info.Inputs[0], Info.Classes.Count);
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var values = into.Float32(input.Name, input.Shape);                 // [B, ..]
        var soft = into.SoftLabels(classes);                                // [B, C]
        for (var i = 0; i < positions.Length; i++)
        {
            var label = _labels.AsSpan(positions[i] * classes, classes);
            _inputs.AsSpan(positions[i] * _size, _size).CopyTo(values[(i * _size)..]);
            label.CopyTo(soft[(i * classes)..]);
            (into.Ids[i], into.Labels[i]) = (positions[i], System.Numerics.Tensors.TensorPrimitives.IndexOfMax(label));
        }
    }
}
