using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;
using Retort.Data;
using Retort.Data.Augmentation;

namespace Retort.Studies.Fidelity;

/// <summary>The data of a study, read once, under any augmentation, in a stratified order.</summary>
sealed class StudyData
{
    readonly Func<IReadOnlyList<AugmentationOptions>, Dataset> _under;
    readonly Lazy<Func<IReadOnlyList<AugmentationOptions>, Dataset>> _others;
    readonly int[] _order;

    /// <summary>Opens it; refuses what a study cannot use.</summary>
    public StudyData(FidelityRecipe recipe)
    {
        if (recipe.Data is FileDataOptions { Augmentation.Count: > 0 }
            or FileDataOptions { LabelledExamples: not null }
            or FileDataOptions { Views: not null })
            throw new InvalidDataException(
                $"{recipe.Name}: the data of a study has no augmentation, labels or views of its own; "
                + "they stand in its settings and policies.");
        _under = Opened(recipe.Data);
        Plain = _under([]);
        _order = Stratified(Plain.Training);
        _others = new(() => Others(recipe));
    }

    /// <summary>As the files have it.</summary>
    public Dataset Plain { get; }

    /// <summary>What a lesson is made of, and the sizes of its parts where it is several one after another.</summary>
    public (IDataSplit Data, IReadOnlyList<int>? Parts) Of(DistillationSet lesson)
    {
        var count = lesson.Count ?? _order.Length - lesson.From;
        if (lesson.From + count > _order.Length) throw new InvalidDataException(FormattableString.Invariant(
            $"{Plain.Name} has {_order.Length} training examples; a step of this study wants {lesson.From + count}."));
        var own = new ChosenRows(_under(lesson.Augmentation).Training, _order[lesson.From..(lesson.From + count)]);
        if (!lesson.OutOfDomain) return (own, null);
        if (lesson.Augmentation.Any(augmentation => augmentation.MixesExamples)) throw new InvalidDataException(
            "A policy with out-of-domain pictures cannot have mixup: leave one of the two out.");
        var other = _others.Value(lesson.Augmentation).Training;
        return (new Appended(other, own), [other.Count, own.Count]);
    }

    static Func<IReadOnlyList<AugmentationOptions>, Dataset> Opened(DataOptions options)
    {
        if (options is not FileDataOptions file)
        {
            var only = options.Open();
            return augmentation => augmentation.Count == 0 ? only : throw new InvalidDataException(
                $"{only.Name} is made, not read from files, and knows no augmentation: "
                + "the settings and policies of its study must have none.");
        }
        var examples = file.ReadExamples();
        var known = new Dictionary<string, Dataset>();
        return augmentation =>
        {
            var key = Recipes.Recipe.Write(augmentation).ToJsonString();
            return known.TryGetValue(key, out var found)
                ? found
                : known[key] = (file with { Augmentation = augmentation }).Build(examples);
        };
    }

    Func<IReadOnlyList<AugmentationOptions>, Dataset> Others(FidelityRecipe recipe)
    {
        if (recipe.OutOfDomain is not FileDataOptions file) throw new InvalidDataException(
            $"{recipe.Name}: a policy wants out-of-domain pictures; the study must say where they are: "
            + "\"outOfDomain\": { \"name\": \"idx\", … }.");
        var others = Opened(file with { Normalization = Plain.Info.Normalization });      // seen with the same eyes
        var (own, theirs) = (Plain.Info.OnlyInput("A study"), others([]).Info.OnlyInput("A study"));
        return own.Name == theirs.Name && own.Shape.SequenceEqual(theirs.Shape)
            ? others
            : throw new InvalidDataException(
                $"{recipe.Name}: out-of-domain images must be {own.Name} "
                + $"[{string.Join(", ", own.Shape)}] like the data's; "
                + $"they are {theirs.Name} [{string.Join(", ", theirs.Shape)}].");
    }

    /// <summary>Every class spread evenly over the whole, so that any run of examples has its share of each.</summary>
    internal static int[] Stratified(IDataSplit part)
    {
        var labels = new long[part.Count];
        var prepared = new HostBatch();
        for (var at = 0; at < part.Count; at += 256)
        {
            part.Load([.. Enumerable.Range(at, Math.Min(256, part.Count - at))], View.Plain, prepared);
            prepared.Labels.CopyTo(labels.AsSpan(at));
        }
        int[] shuffled = new RandomStream(1, StreamKey.Split, pass: 5).Permutation(part.Count);
        return
        [
            .. shuffled.GroupBy(position => labels[position])
                .SelectMany(
                    group => group.Select((position, i) => (Place: (i + 0.5) / group.Count(), group.Key, position)))
                .OrderBy(one => one.Place).ThenBy(one => one.Key).Select(one => one.position),
        ];
    }
}

/// <summary>Some examples of a part, in an order of their own.</summary>
sealed class ChosenRows(IDataSplit part, int[] rows) : IDataSplit
{
    public int Count => rows.Length;
    public DatasetInfo Info => part.Info;
    public int? Views => part.Views;
    public long ViewSeed => part.ViewSeed;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        var own = new int[positions.Length];
        for (var i = 0; i < own.Length; i++) own[i] = rows[positions[i]];
        part.Load(own, view, into);
    }
}

/// <summary>
/// Out-of-domain examples and then a split's own, as one split. Out-of-domain examples have no label (-1), and their
/// ids count down from -1.
/// </summary>
sealed class Appended(IDataSplit other, IDataSplit own) : IDataSplit
{
    public int Count => other.Count + own.Count;
    public DatasetInfo Info => own.Info;
    public int? Views => other.Views == 1 && own.Views == 1 ? 1 : null;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        var (input, shape) = (Info.Inputs[0].Name, Info.Inputs[0].Shape);
        into.Reset(positions.Length);
        var values = into.Float32(input, shape);
        var size = values.Length / Math.Max(positions.Length, 1);
        var places = new List<int>();
        foreach (var foreign in (ReadOnlySpan<bool>)[true, false])
        {
            places.Clear();
            for (var i = 0; i < positions.Length; i++)
                if (positions[i] < other.Count == foreign) places.Add(i);
            if (places.Count == 0) continue;
            var rows = new int[places.Count];
            for (var i = 0; i < rows.Length; i++) rows[i] = positions[places[i]] - (foreign ? 0 : other.Count);
            var part = new HostBatch();
            (foreign ? other : own).Load(rows, view, part);
            var from = part.Float32(input, shape);
            for (var i = 0; i < rows.Length; i++)
            {
                from.Slice(i * size, size).CopyTo(values[(places[i] * size)..]);
                (into.Labels[places[i]], into.Ids[places[i]]) = foreign
                    ? (-1, -1 - part.Ids[i])
                    : (part.Labels[i], part.Ids[i]);
            }
        }
    }
}
