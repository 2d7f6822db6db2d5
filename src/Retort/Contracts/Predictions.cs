namespace Retort.Contracts;

/// <summary>A network's scored output on one split, kept so that every score can be computed again.</summary>
public sealed class Predictions
{
    /// <summary>Which output: <c>logits</c>, <c>embedding</c>.</summary>
    public required string Output { get; init; }

    /// <summary>Row by row. [N, D]</summary>
    public required float[] Values { get; init; }

    /// <summary>D: numbers a row.</summary>
    public required int Width { get; init; }

    /// <summary>Class numbers, -1 where a label is not known. [N]</summary>
    public required long[] Labels { get; init; }

    /// <summary>Labels of 0 and 1, or values, NaN where not known; null where the data has none. [N, C]</summary>
    public float[]? Targets { get; init; }

    /// <summary>The examples' ids in their data set. [N]</summary>
    public required long[] Ids { get; init; }

    /// <summary>N.</summary>
    public int Count => Ids.Length;

    /// <summary>One example's numbers. [D]</summary>
    public ReadOnlySpan<float> Row(int i) => Values.AsSpan(i * Width, Width);

<<<<<<< HEAD
    /// <summary>Whether both are of the same examples with the same targets, in the same order.</summary>
    public bool SameExamples(Predictions other) => Ids.AsSpan().SequenceEqual(other.Ids)
        && Labels.AsSpan().SequenceEqual(other.Labels)
        && (Targets ?? []).AsSpan().SequenceEqual(other.Targets ?? []);
=======
    /// <summary>Mean of -log softmax(logits)[label]: nats.</summary>
    public double Nll => Likelihood.Nll(Logits, Labels);

    /// <summary>Asks a network in eval mode, without gradient, about every example in order.</summary>
    public static Predictions Of(Network network, IDataSplit data, Device? device = null, int batch = 256)
    {
        using var frozen = no_grad();
        var trained = network.training;
        network.eval();
        var found = Of(asked => network.Forward(asked.Inputs, OutputSet.Logits), data, device, batch, default);
        network.train(trained);
        return found;
    }

    /// <summary>Asks a teacher about every example in order, each as the file has it.</summary>
    public static Predictions Of(ITeacher teacher, IDataSplit data, Device? device = null, int batch = 256, CancellationToken token = default) =>
        Of(asked => teacher.Forward(asked, OutputSet.Logits), data, device, batch, token);

    static Predictions Of(Func<Batch, Outputs> ask, IDataSplit data, Device? device, int batch, CancellationToken token)
    {
        var classes = data.Info.Classes.Count;
        var (logits, labels, ids) = (new float[data.Count * classes], new long[data.Count], new long[data.Count]);
        var prepared = new HostBatch();
        for (var at = 0; at < data.Count; at += batch)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            data.Load([.. Enumerable.Range(at, Math.Min(batch, data.Count - at))], View.Plain, prepared);
            var answer = ask(prepared.ToBatch(device)).Logits.to(ScalarType.Float32).cpu().contiguous();
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(answer.bytes).CopyTo(logits.AsSpan(at * classes));
            prepared.Labels.CopyTo(labels.AsSpan(at));
            for (var i = 0; i < prepared.Count; i++) ids[at + i] = prepared.Ids[i];
        }
        return new() { Logits = logits, Labels = labels, Ids = ids };
    }

    /// <summary>Writes parts under their names (<c>validation</c>, <c>test</c>) into one safetensors file.</summary>
    public static void Write(string path, params IReadOnlyList<(string Name, Predictions Part)> parts)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, part) in parts)
        {
            tensors[name + "/logits"] = part.Logits.ToTensor(part.Labels.Length, part.Classes);
            tensors[name + "/labels"] = part.Labels.ToTensor(part.Labels.Length);
            tensors[name + "/ids"] = part.Ids.ToTensor(part.Ids.Length);
        }
        SafeTensors.Write(path, tensors);
    }

    /// <summary>Reads one part back.</summary>
    public static Predictions Read(string path, string name)
    {
        using var scope = NewDisposeScope();
        var tensors = SafeTensors.Read(path);
        return new() { Logits = Numbers<float>("logits"), Labels = Numbers<long>("labels"), Ids = Numbers<long>("ids") };

        T[] Numbers<T>(string what) where T : unmanaged
        {
            var type = typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Int64;
            if (!tensors.TryGetValue($"{name}/{what}", out var found) || found.dtype != type)
                throw new InvalidDataException($"{path} holds no answers: the tensor '{name}/{what}' is not there, or not of {type}.");
            return found.numel() == 0 ? [] : System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(found.bytes).ToArray();
        }
    }
>>>>>>> 93136e9
}
