using System.Text.Json;
using Retort.Tensors.Files;

namespace Retort.Contracts.Distilled;

/// <summary>
/// The folder of a distilled data set: <c>samples.safetensors</c>, <c>initial.safetensors</c> where the samples are
/// for one set of first weights, and <c>distilled.json</c>, which is written last and has the others' hashes.
/// </summary>
public static class DistilledFolder
{
    /// <summary>What it holds: <see cref="DistilledCard"/>.</summary>
    public const string Card = "distilled.json";

    const string Samples = "samples.safetensors";
    const string Initial = "initial.safetensors";

    /// <summary>Writes a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="card">What it holds; the hashes are added.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="initial">The first weights by name; null where any will do.</param>
    public static void Write(string folder, DistilledCard card, DistilledSamples samples,
        IReadOnlyDictionary<string, Tensor>? initial)
    {
        Directory.CreateDirectory(folder);
        File.Delete(Path.Combine(folder, Card));
        var files = new Dictionary<string, string>();
        Add(Samples, new Dictionary<string, Tensor>
        {
            ["inputs"] = samples.Inputs, ["labels"] = samples.Labels, ["learning_rates"] = samples.Rates,
        });
        if (initial is not null) Add(Initial, initial);
        AtomicFile.Write(Path.Combine(folder, Card),
            JsonSerializer.Serialize(card with { Files = files }, Json.Indented) + "\n");

        void Add(string name, IReadOnlyDictionary<string, Tensor> tensors)
        {
            var path = Path.Combine(folder, name);
            SafeTensors.Write(path, tensors);
            files[name] = FileHash.Sha256(path);
        }
    }

    /// <summary>Reads <c>distilled.json</c> and checks the files that it names.</summary>
    /// <exception cref="InvalidDataException">The folder is torn, changed, or of another kind.</exception>
    public static DistilledCard ReadCard(string folder)
    {
        var path = Path.Combine(folder, Card);
        if (!File.Exists(path)) throw new InvalidDataException(
            $"{path} is missing: a folder of distilled data has it, and it is written last.");

        var card = JsonFile.Read<DistilledCard>(path, "distilled data");
        if (card.Version != DistilledCard.CurrentVersion) throw new InvalidDataException(Invariant(
            $"{path}: this version reads the format {DistilledCard.CurrentVersion}; it is {card.Version}."));
        if (card.Data.Inputs is not [{ Type: TensorType.Float32, Varies: false }]) throw new InvalidDataException(
            $"{path}: data must have one input of float32 and fixed sizes; it has {card.Data.Names}.");
        string[] needed = card.KnownStart ? [Samples, Initial] : [Samples];
        if (!needed.Order().SequenceEqual(card.Files.Keys.Order())) throw new InvalidDataException(
            $"{path}: files must be {string.Join(" and ", needed)}; they are {string.Join(", ", card.Files.Keys)}.");
        foreach (var (name, hash) in card.Files) CheckFile(Path.Combine(folder, name), hash);
        return card;
    }

    /// <summary>Reads the samples. The dispose scope owns the tensors.</summary>
    /// <exception cref="InvalidDataException">They do not fit the card.</exception>
    public static DistilledSamples ReadSamples(string folder, DistilledCard card)
    {
        var path = Path.Combine(folder, Samples);
        var tensors = SafeTensors.Read(path);
        return new(
            Of("inputs", [card.Steps, card.Samples, .. card.Data.Inputs[0].Shape]),
            Of("labels", [card.Steps, card.Samples, card.Data.Classes.Count]),
            Of("learning_rates", [(long)card.Steps * card.Epochs]));

        Tensor Of(string name, long[] shape)
        {
            if (!tensors.TryGetValue(name, out var tensor)) throw new InvalidDataException(
                $"{path} has no tensor \"{name}\".");
            if (!tensor.shape.SequenceEqual(shape) || tensor.dtype != torch.ScalarType.Float32)
                throw new InvalidDataException(
                    $"{path}: \"{name}\" must be float32 of [{string.Join(", ", shape)}]; it is {tensor.dtype} of "
                    + $"[{string.Join(", ", tensor.shape)}].");
            if (!tensor.isfinite().all().ToBoolean()) throw new InvalidDataException(
                $"{path}: \"{name}\" must have finite numbers alone.");
            return tensor;
        }
    }

    /// <summary>
    /// Reads the first weights; null where the samples are for any. The dispose scope owns the tensors.
    /// </summary>
    public static IReadOnlyDictionary<string, Tensor>? ReadInitial(string folder, DistilledCard card) =>
        card.KnownStart ? SafeTensors.Read(Path.Combine(folder, Initial)) : null;

    static void CheckFile(string path, string hash)
    {
        if (!File.Exists(path)) throw new InvalidDataException(
            $"{path} is missing: {Card} beside it names it, so the folder is not complete.");
        if (FileHash.Sha256(path) != hash) throw new InvalidDataException(
            $"{path} is not the file that {Card} names: its SHA-256 differs, so the folder is damaged or mixed.");
    }
}
