using Retort.Data;
using Retort.Data.Augmentation;
using Retort.Recipes;

namespace Retort.Studies.Fidelity;

/// <summary>The data of a study: read once, with any augmentation, in a stratified order.</summary>
sealed class StudyData
{
    const int ReadRows = 256;

    readonly Func<IReadOnlyList<AugmentationOptions>, Dataset> _augmented;
    readonly Lazy<Func<IReadOnlyList<AugmentationOptions>, Dataset>> _outOfDomain;
    readonly int[] _order;

    /// <summary>Opens the data; data that a study cannot use is refused.</summary>
    public StudyData(FidelityRecipe recipe)
    {
        if (recipe.Data is NumericDataOptions files
            && (files.Augmentation.Count > 0 || files.LabelledExamples is not null || files.Views is not null))
            throw new InvalidDataException($"{recipe.Name}: the data of a study has no augmentation, labels or views "
                + "of its own; they stand in its settings and policies.");
        _augmented = Open(recipe.Data);
        Plain = _augmented([]);
        _order = Stratified(Plain.Training);
        _outOfDomain = new(() => OpenOutOfDomain(recipe));
    }

    /// <summary>The data without augmentation.</summary>
    public Dataset Plain { get; }

    /// <summary>A distillation set, and the sizes of its sources where it has several.</summary>
    public (IDataSplit Data, IReadOnlyList<int>? Parts) Of(DistillationSet set)
    {
        var count = set.Count ?? _order.Length - set.From;
        if (set.From + count > _order.Length) throw new InvalidDataException(Invariant(
            $"{Plain.Name} has {_order.Length} training examples; a step of this study wants {set.From + count}."));

        var positions = _order[set.From..(set.From + count)];
        var own = new SubsetSplit(_augmented(set.Augmentation).Training, positions);
        if (!set.OutOfDomain) return (own, null);

        if (set.Augmentation.Any(augmentation => augmentation.MixesExamples)) throw new InvalidDataException(
            "A policy with out-of-domain images cannot have mixup: leave one of the two out.");
        var foreign = _outOfDomain.Value(set.Augmentation).Training;
        return (new OutOfDomainSplit(foreign, own), [foreign.Count, own.Count]);
    }

    /// <summary>
    /// An order of the positions in which every class is spread evenly, so that any range has its share of each class.
    /// </summary>
    internal static int[] Stratified(IDataSplit split)
    {
        var labels = new long[split.Count];
        var batch = new HostBatch();
        for (var at = 0; at < split.Count; at += ReadRows)
        {
            split.Load([.. Enumerable.Range(at, Math.Min(ReadRows, split.Count - at))], View.Plain, batch);
            batch.Labels.CopyTo(labels.AsSpan(at));
        }
        int[] shuffled = new RandomStream(1, StreamKey.Split, pass: 5).Permutation(split.Count);
        var spread = shuffled.GroupBy(position => labels[position]).SelectMany(group =>
            group.Select((position, i) => (Share: (i + 0.5) / group.Count(), Label: group.Key, Position: position)));
        return [.. spread.OrderBy(one => one.Share).ThenBy(one => one.Label).Select(one => one.Position)];
    }

    // the data by augmentation; files are read once
    static Func<IReadOnlyList<AugmentationOptions>, Dataset> Open(DataOptions options)
    {
        if (options is not NumericDataOptions file)
        {
            var only = options.Open();
            return augmentation => augmentation.Count == 0 ? only : throw new InvalidDataException(
                $"{only.Name} is computed, not read from files, and has no augmentation: "
                + "the settings and policies of its study must have none.");
        }
        var examples = file.ReadExamples();
        var known = new Dictionary<string, Dataset>();
        return augmentation =>
        {
            var key = Recipe.Write(augmentation).ToJsonString();
            if (known.TryGetValue(key, out var data)) return data;

            return known[key] = (file with { Augmentation = augmentation }).Build(examples);
        };
    }

    Func<IReadOnlyList<AugmentationOptions>, Dataset> OpenOutOfDomain(FidelityRecipe recipe)
    {
        if (recipe.OutOfDomain is not NumericDataOptions file) throw new InvalidDataException(
            $"{recipe.Name}: a policy wants out-of-domain images; the study must say where they are: "
            + "\"outOfDomain\": { \"name\": \"idx\", … }.");

        var foreign = Open(file with { Normalization = Plain.Info.Normalization });         // as the study's own images
        var own = Plain.Info.OnlyInput("A study");
        var other = foreign([]).Info.OnlyInput("A study");
        if (own.Name == other.Name && own.Shape.SequenceEqual(other.Shape)) return foreign;

        throw new InvalidDataException(
            $"{recipe.Name}: out-of-domain images must be {own.Name} [{string.Join(", ", own.Shape)}] like the data's; "
            + $"they are {other.Name} [{string.Join(", ", other.Shape)}].");
    }
}
