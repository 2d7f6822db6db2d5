namespace Retort.Export;

/// <summary>
/// A word of a forward that was recorded twice, with batches of different sizes: what differs between the two grows with
/// the batch, and is written so.
/// </summary>
/// <param name="first">Of the smaller batch.</param>
/// <param name="second">Of the larger batch.</param>
/// <param name="inputs">What the graph calls the operands.</param>
/// <param name="probes">The sizes of the two batches.</param>
sealed class RecordedOperator(Recorder.Operation first, Recorder.Operation second, IReadOnlyList<string> inputs, (long First, long Second) probes)
{
    public string Name => first.Name;

    public IReadOnlyList<string> Inputs => inputs;

    /// <summary>The operands' shapes with the smaller batch.</summary>
    public IReadOnlyList<IReadOnlyList<long>> InputShapes => [.. first.Inputs.Select(operand => operand.Shape)];

    /// <summary>How many axes the first operand has.</summary>
    public int Rank => first.Inputs[0].Shape.Count;

    /// <summary>The result's shape.</summary>
    public Sizes Result => Between(first.Output.Shape, second.Output.Shape);

    /// <summary>The attributes, where they do not depend on the batch.</summary>
    public IReadOnlyList<(string Key, object Value)> Attributes
    {
        get
        {
            foreach (var (key, value) in first.Attributes)
                if (value is long[] ? !Sizes(key).AreFixed : !Equals(value, Of(second, key)))
                    throw new NotSupportedException($"{Name} cannot be exported: its {key} depends on the size of the batch.");
            return first.Attributes;
        }
    }

    public bool Has(string key) => first.Attributes.Any(one => one.Key == key);

    public object Value(string key) => Attributes.First(one => one.Key == key).Value;

    public double Number(string key) => (double)Value(key);

    public string Text(string key) => (string)Value(key);

    /// <summary>A list of whole numbers, each a function of the batch.</summary>
    public Sizes Sizes(string key) => Between((long[])Of(first, key), (long[])Of(second, key));

    static object Of(Recorder.Operation word, string key) => word.Attributes.First(one => one.Key == key).Value;

    Sizes Between(IReadOnlyList<long> small, IReadOnlyList<long> large)
    {
        var (numbers, perExample) = (new long[small.Count], new long[small.Count]);
        for (var i = 0; i < small.Count; i++)
        {
            var (more, examples) = (large[i] - small[i], probes.Second - probes.First);
            if (more == 0)
            {
                numbers[i] = small[i];
                continue;
            }
            if (more % examples != 0) throw new NotSupportedException(
                $"{Name} cannot be exported: a size is {small[i]} for {probes.First} examples and {large[i]} for {probes.Second}, which is no multiple of the batch.");
            (perExample[i], numbers[i]) = (more / examples, small[i] - more / examples * probes.First);
        }
        return new(numbers, perExample);
    }
}
