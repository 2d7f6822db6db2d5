using System.Globalization;
using Retort.Tensors.Files;

namespace Retort.Models;

/// <summary>Reads published weights of BERT encoders, whose names differ from file to file.</summary>
static class BertWeights
{
    const string Encoder = "bert.";
    const string Layer = "bert.encoder.layer.";
    const string Classifier = "classifier.";
    const string WordEmbeddings = "embeddings.word_embeddings.weight";

    /// <summary>
    /// The tensors by the names of the network <c>bert</c>: with <c>bert.</c> before those of the encoder, and norms
    /// with <c>weight</c> and <c>bias</c> instead of <c>gamma</c> and <c>beta</c>. What the network has no use for is
    /// left out: the numbers of positions, the heads of pretraining (<c>cls.</c>), an unused pooler or classifier.
    /// </summary>
    /// <param name="tensors">The tensors by the file's names.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="hasPooler">Whether the network has a pooler.</param>
    /// <param name="hasClassifier">Whether the network has a classifier.</param>
    public static Dictionary<string, Tensor> Rename(
        IReadOnlyDictionary<string, Tensor> tensors, string source, bool hasPooler, bool hasClassifier)
    {
        var (outer, isBare) = PrefixOf(tensors.Keys);
        var renamed = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in tensors)
        {
            var own = OwnName(name.StartsWith(outer, StringComparison.Ordinal) ? name[outer.Length..] : name, isBare);
            var isUnused = own is "bert.embeddings.position_ids" or "bert.embeddings.token_type_ids"
                || own.StartsWith("cls.", StringComparison.Ordinal)
                || IsPooler(own) && !hasPooler
                || own.StartsWith(Classifier, StringComparison.Ordinal) && !hasClassifier;
            if (!isUnused) renamed[own] = tensor;
        }
        if (hasPooler && renamed.ContainsKey(Encoder + WordEmbeddings) && !renamed.Keys.Any(IsPooler))
            throw new InvalidDataException(
                $"{source} has no pooler (bert.pooler.dense): choose the pooling \"cls\" or \"mean\".");
        return renamed;
    }

    /// <summary>
    /// Loads a file into a network that was built for it. Its classifier is loaded where the shapes fit; otherwise the
    /// network keeps the one that was drawn.
    /// </summary>
    /// <param name="network">The network, a <c>bert</c>.</param>
    /// <param name="file">The weights.</param>
    /// <param name="takeLayers">Which of the file's layers to load, in order; empty for all.</param>
    /// <exception cref="InvalidDataException">The weights do not fit; the message names them.</exception>
    public static void Load(Network network, string file, IReadOnlyList<int> takeLayers)
    {
        using var scope = torch.NewDisposeScope();
        var tensors = Take(network.Rename(WeightsFile.Read(file), file), takeLayers);
        var state = network.state_dict();
        var vocabulary = state[Encoder + WordEmbeddings].shape[0];
        if (tensors.TryGetValue(Encoder + WordEmbeddings, out var words) && words.shape[0] != vocabulary)
            throw new InvalidDataException(Invariant(
                $"{file} has vectors of {words.shape[0]} token ids, and the data has {vocabulary}: ")
                + "the data must be tokenized with the vocabulary of these weights.");

        var head = state.Where(pair => pair.Key.StartsWith(Classifier, StringComparison.Ordinal)).ToList();
        var fits = head.TrueForAll(pair =>
            tensors.TryGetValue(pair.Key, out var saved) && saved.shape.SequenceEqual(pair.Value.shape));
        if (!fits)
            foreach (var (name, _) in head)
            {
                state.Remove(name);
                tensors.Remove(name);
            }
        WeightsFile.LoadStateDict(state, tensors, file, InitialWeights.Advice);
    }

    // what stands before "bert." in all names (a wrapper's "model."), and whether the encoder's names are without it
    static (string Outer, bool IsBare) PrefixOf(IEnumerable<string> names)
    {
        var words = names.FirstOrDefault(name => name.EndsWith(WordEmbeddings, StringComparison.Ordinal));
        if (words is null) return ("", false);

        var prefix = words[..^WordEmbeddings.Length];
        return prefix.EndsWith(Encoder, StringComparison.Ordinal) ? (prefix[..^Encoder.Length], false) : (prefix, true);
    }

    static string OwnName(string name, bool isBare)
    {
        var isEncoder = name.StartsWith("embeddings.", StringComparison.Ordinal)
            || name.StartsWith("encoder.", StringComparison.Ordinal)
            || name.StartsWith("pooler.", StringComparison.Ordinal);
        var own = isBare && isEncoder ? Encoder + name : name;
        return Ending(Ending(own, "LayerNorm.gamma", "LayerNorm.weight"), "LayerNorm.beta", "LayerNorm.bias");

        static string Ending(string name, string old, string now) =>
            name.EndsWith(old, StringComparison.Ordinal) ? name[..^old.Length] + now : name;
    }

    static bool IsPooler(string name) => name.StartsWith("bert.pooler.", StringComparison.Ordinal);

    // the layers of these positions under new positions; a layer that is taken twice shares its tensors
    static Dictionary<string, Tensor> Take(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyList<int> layers)
    {
        if (layers.Count == 0) return tensors.ToDictionary();

        var taken = tensors.Where(pair => !pair.Key.StartsWith(Layer, StringComparison.Ordinal)).ToDictionary();
        foreach (var (position, layer) in layers.Index())
        {
            var old = string.Create(CultureInfo.InvariantCulture, $"{Layer}{layer}.");
            var now = string.Create(CultureInfo.InvariantCulture, $"{Layer}{position}.");
            foreach (var (name, tensor) in tensors)
                if (name.StartsWith(old, StringComparison.Ordinal)) taken[now + name[old.Length..]] = tensor;
        }
        return taken;
    }
}
