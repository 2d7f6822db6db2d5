using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Retort.Data;

/// <summary>
/// Makes a data set from examples in memory: splits them, prepares them by the training split, hashes them.
/// </summary>
static class DatasetBuilder
{
    // keys of random streams: the numbers must stay
    enum Choice
    {
        Test = 1,
        Validation = 2,
        Limit = 3,
        Labels = 4,
        Noise = 5,
    }

    public static Dataset Of(Examples examples, FileDataOptions options)
    {
        CheckTargets(examples, options);
        var (training, validation, test) = Split(examples, options);
        if (options.MaxExamples is { } limit && limit < training.Length)
            training = Balanced(examples, training, limit, options, Choice.Limit);
        if (examples.Targets == TargetKind.Class) CheckClasses(examples, training, options);
        var labelled = options.LabelledExamples is { } count ? Labelled(examples, training, count, options) : training;

        int[] labels = [.. examples.Labels];
        AddLabelNoise(labels, training, examples.Classes.Count, options, index: 0);
        AddLabelNoise(labels, validation, examples.Classes.Count, options, index: 1);

        var prepared = options.Prepare(examples, training);
        var (unlabelled, leftOut) = Unlabelled(examples, validation, test);
        int[] all = [.. training, .. unlabelled];
        List<int[]> hashed = [all, validation, test, labelled];
        if (options.LabelNoise > 0) hashed.Add(labels);
        return new()
        {
            Name = examples.Name,
            Notes = [.. examples.Notes, .. prepared.Notes, .. leftOut],
            Findings = examples.Findings,
            Hash = Hash(examples, hashed, prepared),
            StudentFiles = prepared.StudentFiles,
            Words = prepared.Words,
            Training = SplitOf(all, Known(labelled), SplitUse.Training),
            TeacherTraining = SplitOf(training, null, SplitUse.TeacherTraining),
            Labelled = SplitOf(labelled, null, SplitUse.Training),
            Validation = SplitOf(validation, null, SplitUse.Evaluation),
            Test = SplitOf(test, null, SplitUse.Evaluation),
        };

        IDataSplit SplitOf(int[] rows, HashSet<int>? known, SplitUse use)
        {
            long[] visible = [.. rows.Select(row => known is null || known.Contains(row) ? (long)labels[row] : -1)];
            return prepared.SplitOf(new(rows, visible, row => known?.Contains(row) == false), use);
        }

        HashSet<int>? Known(int[] rows) => rows.Length == all.Length ? null : [.. rows];
    }

    // those of a group in validation or test are left out, and said to be
    static (int[] Rows, string[] Notes) Unlabelled(Examples examples, int[] validation, int[] test)
    {
        int[] rows = [.. Enumerable.Range(examples.Count - examples.Unlabelled, examples.Unlabelled)];
        if (examples.Groups is not { } groups || rows.Length == 0) return (rows, []);

        var taken = validation.Concat(test).Select(row => groups[row]).ToHashSet();
        int[] left = [.. rows.Where(row => !taken.Contains(groups[row]))];
        return left.Length == rows.Length ? (rows, []) : (left,
        [
            Invariant($"{rows.Length - left.Length} examples without labels are of {examples.GroupsAre} in validation ")
                + "or test, and left out",
        ]);
    }

    static void CheckTargets(Examples examples, FileDataOptions options)
    {
        if (examples.Targets != TargetKind.Class && options.LabelNoise > 0) throw Wrong(options,
            "has no class labels: the option \"labelNoise\" replaces class labels, so leave it out");
    }

    /// <summary>Refuses names that differ only in how they are written, and a class that cannot be learned.</summary>
    static void CheckClasses(Examples examples, int[] training, FileDataOptions options)
    {
        ClassNames.CheckDiffer(examples.Classes, options.Path);
        var counts = new int[examples.Classes.Count];
        foreach (var label in examples.Labels.SkipLast(examples.Unlabelled)) counts[label]++;
        if (Array.IndexOf(counts, 0) is >= 0 and var empty) throw Wrong(options,
            $"has no example of class \"{examples.Classes[empty]}\"; "
            + Invariant($"each of the {counts.Length} classes must have one"));

        foreach (var row in training) counts[examples.Labels[row]] = 0;
        if (Array.FindIndex(counts, count => count > 0) is >= 0 and var untrained) throw Wrong(options,
            $"has no training example of class \"{examples.Classes[untrained]}\" after the split; it has "
            + $"{counts[untrained]} for validation and test: give the class more examples, leave it out, or change "
            + (options.MaxExamples < examples.Classes.Count ? "\"maxExamples\"" : "\"splitSeed\""));
    }

    static (int[] Training, int[] Validation, int[] Test) Split(Examples examples, FileDataOptions options)
    {
        if (options.Validation is not null && examples.OwnValidation > 0) throw Wrong(options,
            $"brings {examples.OwnValidation} validation examples of its own: leave the option \"validation\" out");
        if (options.Test is not null && examples.OwnTest > 0) throw Wrong(options,
            $"brings {examples.OwnTest} test examples of its own: leave the option \"test\" out");

        var first = examples.Count - examples.OwnValidation - examples.OwnTest - examples.Unlabelled;
        int[] rest = [.. Enumerable.Range(0, first)];
        int[] validation = [.. Enumerable.Range(first, examples.OwnValidation)];
        int[] test = [.. Enumerable.Range(first + examples.OwnValidation, examples.OwnTest)];
        if (test.Length == 0) (rest, test) = TakeOut(examples, rest, options.Test ?? 0.2, options, Choice.Test);
        if (validation.Length == 0)
            (rest, validation) = TakeOut(examples, rest, options.Validation ?? 0.1, options, Choice.Validation);
        return (rest, validation, test);
    }

    // whole groups are taken, where examples have some
    static (int[] Remaining, int[] Taken) TakeOut(
        Examples examples, int[] rows, double shareOrCount, FileDataOptions options, Choice choice)
    {
        int[] groups = examples.Groups is null ? rows : [.. rows.Select(row => examples.Groups[row]).Distinct()];
        var count = (int)(shareOrCount < 1 ? Math.Max(Math.Round(shareOrCount * groups.Length), 1) : shareOrCount);
        if (count >= groups.Length) throw Wrong(options,
            $"has {groups.Length} {(examples.Groups is null ? "examples" : examples.GroupsAre)} to take {count} for "
            + $"{choice.ToString().ToLowerInvariant()} from; at least one must be left to learn from");

        var taken = Shuffled(groups, options, choice)[..count].ToHashSet();
        var byUse = rows.ToLookup(row => taken.Contains(examples.Groups?[row] ?? row));
        return ([.. byUse[false]], [.. byUse[true]]);
    }

    static int[] Labelled(Examples examples, int[] training, int count, FileDataOptions options) =>
        count <= training.Length
            ? Balanced(examples, training, count, options, Choice.Labels)
            : throw Wrong(options, $"has {training.Length} training examples after the split; "
                + $"the option \"labelledExamples\" wants {count} of them labelled");

    /// <summary>Takes the same number of each class, as far as the classes have so many examples.</summary>
    static int[] Balanced(Examples examples, int[] rows, int count, FileDataOptions options, Choice choice)
    {
        var byClass = Shuffled(rows, options, choice).GroupBy(row => examples.Labels[row]).OrderBy(group => group.Key)
            .Select(group => group.ToArray()).ToList();
        var taken = new List<int>(count);
        for (var k = 0; taken.Count < count; k++)
        {
            var next = byClass.Where(queue => k < queue.Length).Select(queue => queue[k]);
            taken.AddRange(next.Take(count - taken.Count));
        }
        return [.. taken.Order()];
    }

    static int[] Shuffled(int[] rows, FileDataOptions options, Choice choice)
    {
        var order = rows.ToArray();
        new RandomStream(options.SplitSeed, StreamKey.Split, (int)choice).Shuffle<int>(order);
        return order;
    }

    static void AddLabelNoise(int[] labels, int[] rows, int classes, FileDataOptions options, int index)
    {
        var count = (int)Math.Round(options.LabelNoise * rows.Length);
        if (count == 0) return;
        if (classes < 2) throw Wrong(options, "has one class: the option \"labelNoise\" needs at least two");

        var random = new RandomStream(options.SplitSeed, StreamKey.Split, (int)Choice.Noise, index);
        var order = rows.ToArray();
        random.Shuffle<int>(order);
        foreach (var row in order[..count]) labels[row] = (labels[row] + 1 + random.NextInt(classes - 1)) % classes;
    }

    static string Hash(Examples examples, List<int[]> lists, PreparedExamples prepared)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendText(Invariant($"{prepared.HashHead} {examples.Count}"));
        foreach (var name in examples.Classes) AppendText(name);
        examples.AppendTo(hash);
        AppendNumbers([.. examples.Labels]);
        foreach (var targets in examples.KnownTargets ?? []) hash.AppendData(MemoryMarshal.AsBytes(targets.AsSpan()));
        foreach (var list in lists) AppendNumbers(list);
        foreach (var text in prepared.HashTail) AppendText(text);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void AppendText(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));

        void AppendNumbers(int[] values)
        {
            AppendText(Invariant($"{values.Length}"));
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    static InvalidDataException Wrong(FileDataOptions options, string what) => new($"{options.Path} {what}.");
}
