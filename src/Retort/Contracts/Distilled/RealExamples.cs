namespace Retort.Contracts.Distilled;

/// <summary>Real examples of a split, drawn at random, as samples that a network can be trained on.</summary>
static class RealExamples
{
    /// <summary>An example of each wanted class, each another one as long as there are enough. [N, ..]</summary>
    /// <param name="split">The split; classes without examples are refused.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="seed">The seed of the draw.</param>
    public static Tensor OfClasses(IDataSplit split, IReadOnlyList<long> classes, int seed)
    {
        var labels = Labels(split);
        var order = new RandomStream(seed, StreamKey.Method).Permutation(split.Count);
        var byClass = order.Where(position => labels[position] >= 0).ToLookup(position => labels[position]);
        var taken = new Dictionary<long, int>();
        var positions = new int[classes.Count];
        for (var i = 0; i < positions.Length; i++)
        {
            var own = byClass[classes[i]].ToList();
            if (own.Count == 0) throw new InvalidOperationException(
                $"The class \"{split.Info.Classes[(int)classes[i]]}\" has no training example to begin with.");

            var count = taken.GetValueOrDefault(classes[i]);
            positions[i] = own[count % own.Count];
            taken[classes[i]] = count + 1;
        }
        return Load(split, positions).Inputs;
    }

    /// <summary>Labelled examples at random, each once as long as there are enough.</summary>
    public static int[] AtRandom(IDataSplit split, int count, ref RandomStream random)
    {
        var labels = Labels(split);
        var order = random.Permutation(split.Count).Where(position => labels[position] >= 0).ToList();
        return [.. Enumerable.Range(0, count).Select(i => order[i % order.Count])];
    }

    /// <summary>
    /// Labelled examples of which each is the farthest from those before, the first at random (Gonzalez 1985).
    /// </summary>
    public static int[] KCenter(IDataSplit split, int count, ref RandomStream random)
    {
        using var scope = torch.NewDisposeScope();
        var labels = Labels(split);
        int[] labelled = [.. Enumerable.Range(0, split.Count).Where(position => labels[position] >= 0)];
        var all = Load(split, labelled).Inputs.Flatten();                                       // [N, D]
        var chosen = new List<int> { random.NextInt(labelled.Length) };
        var nearest = torch.zeros(labelled.Length).Add(float.MaxValue);
        while (chosen.Count < count)
        {
            using var step = torch.NewDisposeScope();
            var distances = all.Subtract(all[chosen[^1]].unsqueeze(0)).Squared().sum(1L);       // [N]
            nearest.copy_(torch.minimum(nearest, distances));
            chosen.Add((int)nearest.argmax().ToInt64());
        }
        return [.. chosen.Select(i => labelled[i])];
    }

    /// <summary>Inputs and labels of these examples, without augmentation. [N, ..], [N]</summary>
    public static (Tensor Inputs, long[] Labels) Load(IDataSplit split, ReadOnlySpan<int> positions)
    {
        var host = new HostBatch();
        split.Load(positions, View.Plain, host);
        return (host.ToBatch().Inputs.Parts[0].Value, host.Labels.ToArray());
    }

    /// <summary>The labels of all examples; -1 where one is unknown.</summary>
    public static long[] Labels(IDataSplit split)
    {
        const int chunk = 256;
        var labels = new long[split.Count];
        var host = new HostBatch();
        for (var start = 0; start < labels.Length; start += chunk)
        {
            int[] positions = [.. Enumerable.Range(start, Math.Min(chunk, labels.Length - start))];
            split.Load(positions, View.Plain, host);
            host.Labels.CopyTo(labels.AsSpan(start));
        }
        return labels;
    }
}
