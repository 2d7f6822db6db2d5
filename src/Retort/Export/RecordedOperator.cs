namespace Retort.Export;

/// <summary>
/// An operator of a forward pass that was recorded at several sizes of its free axes: what differs between the
/// recordings depends on those axes, and is written so.
/// </summary>
/// <param name="recordings">The operator in each recording of the grid.</param>
/// <param name="inputs">The graph's names of its operands.</param>
/// <param name="grid">The sizes of the recordings.</param>
sealed class RecordedOperator(
    IReadOnlyList<Recorder.Operation> recordings, IReadOnlyList<string> inputs, ProbeGrid grid)
{
    public string Name => recordings[0].Name;

    public IReadOnlyList<string> Inputs => inputs;

    /// <summary>The number of axes of the first operand.</summary>
    public int Rank => recordings[0].Inputs[0].Shape.Count;

    /// <summary>The result's shape.</summary>
    public Sizes Result => Fit([.. recordings.Select(recording => recording.Output.Shape)]);

    /// <summary>The attributes, none of which may depend on a free axis.</summary>
    public IReadOnlyList<(string Key, object Value)> Attributes
    {
        get
        {
            foreach (var (key, value) in recordings[0].Attributes)
            {
                var isFixed = value is long[] ? Sizes(key).AreFixed
                    : recordings.All(other => Equals(value, Of(other, key)));
                if (!isFixed) throw new NotSupportedException(
                    $"{Name} cannot be exported: its {key} depends on the size of {grid.AxisNames}.");
            }
            return recordings[0].Attributes;
        }
    }

    /// <summary>The shape of an operand.</summary>
    public Sizes InputShape(int index) => Fit([.. recordings.Select(recording => recording.Inputs[index].Shape)]);

    public bool Has(string key) => recordings[0].Attributes.Any(one => one.Key == key);

    public object Value(string key) => Attributes.First(one => one.Key == key).Value;

    public double Number(string key) => (double)Value(key);

    public string Text(string key) => (string)Value(key);

    /// <summary>A list of whole numbers, each of which may depend on free axes.</summary>
    public Sizes Sizes(string key) =>
        Fit([.. recordings.Select(recording => (IReadOnlyList<long>)(long[])Of(recording, key))]);

    static object Of(Recorder.Operation operation, string key) =>
        operation.Attributes.First(one => one.Key == key).Value;

    Sizes Fit(IReadOnlyList<IReadOnlyList<long>> lists)
    {
        if (lists.Any(list => list.Count != lists[0].Count)) throw new NotSupportedException(
            $"{Name} cannot be exported: the number of its axes depends on the sizes of the inputs.");
        return new([.. Enumerable.Range(0, lists[0].Count).Select(i => Fit([.. lists.Select(list => list[i])]))]);
    }

    GraphSize Fit(IReadOnlyList<long> values) => grid.Fit(values) ?? throw new NotSupportedException(
        $"{Name} cannot be exported: a size is " + string.Join("; ", grid.Recordings.Zip(values).Select(
            pair => Invariant($"{pair.Second} at {grid.Text(pair.First)}")))
        + ", which is no sum of their products.");
}
