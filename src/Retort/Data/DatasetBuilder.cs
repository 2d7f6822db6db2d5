using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Retort.Data.Augmentation;

namespace Retort.Data;

/// <summary>Makes a data set of what was read: splits it, measures its training part, takes its fingerprint.</summary>
static class DatasetBuilder
{
    enum Choice { Test = 1, Validation, Limit, Labels, Noise }

    public static Dataset Of(Examples examples, FileDataOptions options)
    {
        var (training, validation, test) = Split(examples, options);
        if (options.MaxExamples is { } limit && limit < training.Length)
            training = Balanced(examples, training, limit, options, Choice.Limit);
        var labelled = options.LabelledExamples is { } kept ? Labelled(examples, training, kept, options) : training;

        int[] labels = [.. examples.Labels];
        foreach (var (i, rows) in new[] { training, validation }.Index()) Disturb(labels, rows, examples.Classes.Count, options, i);

        var normalization = Checked(options, examples) ?? examples.Measure(training);
        var constants = examples.Constants(normalization);
        var facts = new DatasetInfo
        {
            Classes = examples.Classes,
            Inputs = [Spec(examples) with { Normalization = normalization }],
        };
        return new()
        {
            Name = examples.Name,
            Hash = Hash(examples, [training, validation, test, labelled, .. options.LabelNoise > 0 ? [labels] : Array.Empty<int[]>()], normalization),
            Training = Part(training, Known(labelled), options.Augmentation, options.Views),
            TeacherTraining = Part(training, null, options.Augmentation, views: null),
            Labelled = Part(labelled, null, options.Augmentation, options.Views),
            Validation = Part(validation, null, [], views: null),
            Test = Part(test, null, [], views: null),
        };

        IDataSplit Part(int[] rows, HashSet<int>? known, IReadOnlyList<AugmentationOptions> augmentation, int? views)
        {
            long[] shown = [.. rows.Select(row => known is null || known.Contains(row) ? (long)labels[row] : -1)];
            return examples.Part(new(rows, shown, facts, constants, augmentation) { Views = views, ViewSeed = options.SplitSeed });
        }

        HashSet<int>? Known(int[] rows) => rows.Length == training.Length ? null : [.. rows];
    }

    static TensorSpec Spec(Examples examples) => examples.Input == InputNames.PixelValues
        ? TensorSpec.PixelValues(examples.Size.Channels, examples.Size.Height, examples.Size.Width)
        : TensorSpec.Features(examples.Size.Count);

    static (int[] Training, int[] Validation, int[] Test) Split(Examples examples, FileDataOptions options)
    {
        if (options.Validation is not null && examples.OwnValidation > 0)
            throw Wrong(options, $"brings {examples.OwnValidation} validation examples of its own: leave the option \"validation\" out");
        if (options.Test is not null && examples.OwnTest > 0)
            throw Wrong(options, $"brings {examples.OwnTest} test examples of its own: leave the option \"test\" out");
        var first = examples.Count - examples.OwnValidation - examples.OwnTest;
        int[] rest = [.. Enumerable.Range(0, first)];
        int[] validation = [.. Enumerable.Range(first, examples.OwnValidation)];
        int[] test = [.. Enumerable.Range(first + examples.OwnValidation, examples.OwnTest)];
        if (test.Length == 0) (rest, test) = Taken(rest, options.Test ?? 0.2, options, Choice.Test);
        if (validation.Length == 0) (rest, validation) = Taken(rest, options.Validation ?? 0.1, options, Choice.Validation);
        return (rest, validation, test);
    }

    static (int[] Left, int[] Taken) Taken(int[] rows, double part, FileDataOptions options, Choice choice)
    {
        var count = (int)(part < 1 ? Math.Max(Math.Round(part * rows.Length), 1) : part);
        if (count >= rows.Length)
            throw Wrong(options, $"has {rows.Length} examples to take {count} for {choice.ToString().ToLowerInvariant()} from; "
                + "at least one must be left to learn from");
        var order = rows.ToArray();
        new RandomStream(options.SplitSeed, StreamKey.Split, (int)choice).Shuffle<int>(order);
        return ([.. order[count..].Order()], [.. order[..count].Order()]);
    }

    static int[] Labelled(Examples examples, int[] training, int count, FileDataOptions options) => count <= training.Length
        ? Balanced(examples, training, count, options, Choice.Labels)
        : throw Wrong(options, $"has {training.Length} training examples after the split; the option \"labelledExamples\" wants to keep {count}");

    /// <summary>As many of each class as of the others while they last: the first of each class, the second of each, ….</summary>
    static int[] Balanced(Examples examples, int[] rows, int count, FileDataOptions options, Choice choice)
    {
        var order = rows.ToArray();
        new RandomStream(options.SplitSeed, StreamKey.Split, (int)choice).Shuffle<int>(order);
        var queues = order.GroupBy(row => examples.Labels[row]).OrderBy(group => group.Key).Select(group => group.ToArray()).ToList();
        var taken = new List<int>(count);
        for (var turn = 0; taken.Count < count; turn++)
            taken.AddRange(queues.Where(queue => turn < queue.Length).Select(queue => queue[turn]).Take(count - taken.Count));
        return [.. taken.Order()];
    }

    static void Disturb(int[] labels, int[] rows, int classes, FileDataOptions options, int part)
    {
        var count = (int)Math.Round(options.LabelNoise * rows.Length);
        if (count == 0) return;
        if (classes < 2) throw Wrong(options, "has one class: the option \"labelNoise\" needs another one to mistake it for");
        var chance = new RandomStream(options.SplitSeed, StreamKey.Split, (int)Choice.Noise, part);
        var order = rows.ToArray();
        chance.Shuffle<int>(order);
        foreach (var row in order[..count]) labels[row] = (labels[row] + 1 + chance.NextInt(classes - 1)) % classes;
    }

    static Normalization? Checked(FileDataOptions options, Examples examples)
    {
        foreach (var augmentation in options.Augmentation) augmentation.Check(examples);
        if (options.Views is not null && options.Augmentation.Count == 0)
            throw Wrong(options, "is shown as it is in every pass: the option \"views\" needs an \"augmentation\"");
        if (options.Views is not null && options.Augmentation.Any(augmentation => augmentation.MixesExamples))
            throw Wrong(options, "cannot have \"views\" with \"mixup\": who is mixed with whom differs from seed to seed, so no picture comes again");
        if (options.Normalization is not { } given) return null;
        var channels = examples.Size.Channels;
        if (given.Mean.Count != channels || given.StandardDeviation.Count != channels)
            throw Wrong(options, $"has {channels} channels; the option \"normalization\" gives {given.Mean.Count} means and "
                + $"{given.StandardDeviation.Count} deviations");
        if (!(given.Scale > 0) || given.StandardDeviation.Any(value => !(value > 0)))
            throw Wrong(options, "cannot be normalised as given: scale and deviations must be greater than 0");
        return examples.White is { } white ? given.Over(white) : given;
    }

    static string Hash(Examples examples, int[][] parts, Normalization normalization)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Text($"{examples.Input} {examples.Size.Channels} {examples.Size.Height} {examples.Size.Width} {examples.Count}");
        foreach (var name in examples.Classes) Text(name);
        examples.AppendTo(hash);
        Numbers([.. examples.Labels]);
        foreach (var rows in parts) Numbers(rows);
        Text(string.Create(CultureInfo.InvariantCulture, $"{normalization.Scale:R}"));
        foreach (var value in normalization.Mean.Concat(normalization.StandardDeviation)) Text(value.ToString("R", CultureInfo.InvariantCulture));
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Text(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));

        void Numbers(int[] values)
        {
            Text($"{values.Length}");
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    static InvalidDataException Wrong(FileDataOptions options, string what) => new($"{options.Path} {what}.");
}
