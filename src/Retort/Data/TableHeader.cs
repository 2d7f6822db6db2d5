using System.Globalization;

namespace Retort.Data;

/// <summary>Finds the columns of a table by its first line, and decides whether that line holds their names.</summary>
/// <param name="layout">What the options say about the columns.</param>
/// <param name="path">The file: the table or its test table.</param>
sealed class TableHeader(TableLayout layout, string path)
{
    // names of a column of classes beside columns whose names are numbers
    static readonly HashSet<string> s_classNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "label", "labels", "class", "classes", "target", "targets", "y", "category", "species", "outcome",
    };

    enum Verdict
    {
        Names,
        Example,
        Unclear,
    }

    /// <summary>The columns of a table that is read by itself. <c>Names</c> is null where it has no header.</summary>
    public TableColumns Read(IReadOnlyList<string> first, int line)
    {
        int[] targets = [.. layout.Targets.Select(column => Find(column, first, line, "label"))];
        int[] ignored = [.. layout.Ignored.Select(column => Find(column, first, line, "ignored column"))];
        if (targets.Distinct().Count() < targets.Length)
            throw Wrong(line, $"a column is named twice in {string.Join(", ", layout.Targets)}");
        if (targets.Intersect(ignored).Any())
            throw Wrong(line, $"column {targets.Intersect(ignored).First() + 1} is both a label and ignored");

        int[] features = [.. Enumerable.Range(0, first.Count).Except(targets).Except(ignored)];
        var columns = new TableColumns(first.Count, null, targets, features);
        CheckFeatures(columns, first, line);
        if (!HasNames(columns, first, line)) return columns;

        CheckNames(columns, first, line);
        if (layout.IsLastByDefault) CheckLastIsClass(columns, first, line);
        return columns with { Names = [.. first] };
    }

    /// <summary>
    /// The columns of a test table: by name where both tables have names, and otherwise at the same positions.
    /// </summary>
    public TableColumns Match(TableColumns training, IReadOnlyList<string> first, int line)
    {
        if (training.Names is not { } names) return Read(first, line);

        string[] needed = [.. training.Targets.Concat(training.Features).Select(column => names[column])];
        var missing = needed.FirstOrDefault(name => !first.Contains(name));
        if (missing is null)
        {
            CheckDistinct(first, line);
            var extra = first.FirstOrDefault(name => !names.Contains(name));
            return extra is null ? training with
                {
                    Width = first.Count, Names = [.. first], Targets = At(training.Targets),
                    Features = At(training.Features),
                }
                : throw Wrong(line, $"the columns must have the names of {layout.Path}; \"{extra}\" is none of them");
        }
        var positions = training with { Names = null };
        if (first.Count == training.Width && !HasNames(positions, first, line)) return positions;
        if (!first.Any(names.Contains) && !first.Any(TableNumber.IsWord)) return positions;
        throw Wrong(line, $"the columns must have the names of {layout.Path}; \"{missing}\" is missing");

        int[] At(int[] columns) => [.. columns.Select(column => Index(first, names[column]))];
    }

    /// <summary>The position that a name or a position in the options means in this table.</summary>
    public int Find(string column, IReadOnlyList<string> first, int line, string what)
    {
        if (Position(column, first.Count) is { } position) return position;
        if (Index(first, column) is >= 0 and var named && layout.Header != false) return named;

        var why = layout.Header == false ? ", and the option \"header\" says that the table has no names" : "";
        throw Wrong(line, $"the {what} \"{column}\" must be one of {first.Count} columns: {
            string.Join(", ", first.Take(20).Select(TableNumber.Shorten))}{why}{OtherSeparator(first)}");
    }

    /// <summary>Whether an option names a column by its field in this line, which holds names then.</summary>
    public static bool IsNamed(string column, IReadOnlyList<string> first) =>
        Position(column, first.Count) is null && first.Contains(column);

    // null of a name, and of a number that is no position in this table
    static int? Position(string column, int width)
    {
        if (!int.TryParse(column, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at)) return null;

        var position = at > 0 ? at - 1 : width + at;
        return at != 0 && position >= 0 && position < width ? position : null;
    }

    static int Index(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name) return i;
        return -1;
    }

    void CheckFeatures(TableColumns columns, IReadOnlyList<string> first, int line)
    {
        var targets = columns.Targets.Length == 1 ? "its label" : Invariant($"its {columns.Targets.Length} targets");
        var count = columns.Features.Length;
        if (count < 1) throw Wrong(
            line, $"the line must have a number beside {targets}; it has none{OtherSeparator(first)}");
        if (layout.Pixels is { } shape && shape.Count != count) throw Wrong(
            line, $"the line must have {shape.Count} pixels of {shape.ImageSize} beside the label; it has {count}");
    }

    /// <summary>What to say of a line that is separated by another character; empty of other lines.</summary>
    public string OtherSeparator(IReadOnlyList<string> first)
    {
        var at = first.Count > 2 ? -1 : first[0].AsSpan().IndexOfAny(";\t|,");
        if (at < 0 && first.Count == 1) at = first[0].IndexOf(' ');
        return at < 0 || first[0][at] == layout.Separator ? ""
            : $"; {TableNumber.Named(layout.Separator)} must be between two columns, and this line has "
                + TableNumber.Named(first[0][at]);
    }

    bool HasNames(TableColumns columns, IReadOnlyList<string> first, int line)
    {
        if (layout.Header is { } header) return header;
        if (layout.Targets.Zip(columns.Targets).Any(pair =>
            Position(pair.First, first.Count) is null && first[pair.Second] == pair.First)) return true;

        return Judge(columns, first) switch
        {
            Verdict.Names => true,
            Verdict.Example => false,
            _ => throw Wrong(line, $"this may be an example or the columns' names: {
                string.Join(", ", first.Take(8).Select(TableNumber.Shorten))}{
                (first.Count > 8 ? ", …" : "")}; the option \"header\" (true or false) must say which"),
        };
    }

    /// <summary>Whether a line of numbers beside a label holds names; null where it may be either.</summary>
    public bool? Decide(TableColumns columns, IReadOnlyList<string> first) => Judge(columns, first) switch
    {
        Verdict.Names => true,
        Verdict.Example => false,
        _ => null,
    };

    Verdict Judge(TableColumns columns, IReadOnlyList<string> first)
    {
        var fields = columns.Features.Select(column => first[column]).ToList();
        var numbers = fields.Where(TableNumber.IsNumber).ToList();
        var hasWords = fields.Exists(TableNumber.IsWord);
        if (numbers.Count == 0) return hasWords ? Verdict.Names : Verdict.Example;
        if (columns.Targets.Length == 0) return Verdict.Example;

        var target = first[columns.Targets[0]];
        var isWord = columns.Targets.Any(column => TableNumber.IsWord(first[column]));
        if (!hasWords && !isWord && !(numbers.Count == fields.Count && first.Count > 1 && Counts(first, 0)))
            return TableNumber.IsNumber(target) && AreOthersWords(columns) ? Verdict.Unclear : Verdict.Example;

        // the first line against the others
        var others = Others(columns);
        if (others.Labels.Count == 0) return Verdict.Example;
        if (hasWords) return JudgeMixed(columns, first, others, numbers);
        if (!isWord) return first.Count > 2 || !others.Labels.ContainsKey(target) ? Verdict.Unclear : Verdict.Example;
        if (layout.HasClasses)
        {
            if (others.Labels.ContainsKey(target)) return Verdict.Example;
            if (others.Labels.Keys.All(TableNumber.IsNumber) || s_classNames.Contains(target)) return Verdict.Names;
        }
        else if (others.Labels.Keys.Any(TableNumber.IsWord)) return Verdict.Example;

        var inOrder = fields.Count > 1 && (Counts(fields, 0) || Counts(fields, 1));
        if (inOrder && others.Labels.Values.Any(count => count > 1)) return Verdict.Names;
        return inOrder || !layout.HasClasses || fields.Count > 2 && Increases(numbers)
            ? Verdict.Unclear : Verdict.Example;
    }

    // whether the classes are words, but for that of the first line
    bool AreOthersWords(TableColumns columns)
    {
        if (!layout.HasClasses) return false;

        var others = TableLines.Read(path, layout.Separator).Skip(1)
            .Where(line => line.Fields.Count == columns.Width)
            .Select(line => line.Fields[columns.Targets[0]])
            .Where(label => !TableNumber.IsMissing(label));
        var count = 0;
        foreach (var label in others)
        {
            if (TableNumber.IsNumber(label)) return false;
            count++;
        }
        return count > 0;
    }

    // some names are numbers (id, 1, 2, 3), or an example has a text among its numbers
    static Verdict JudgeMixed(TableColumns columns, IReadOnlyList<string> first, Rows others, List<string> numbers)
    {
        if (others.Labels.ContainsKey(first[columns.Targets[0]])) return Verdict.Example;
        var words = columns.Features.Where(column => TableNumber.IsWord(first[column]));
        if (words.Any(column => TableNumber.IsWord(others.Second[column]))) return Verdict.Example;

        var areNames = numbers.TrueForAll(text => text.All(char.IsAsciiDigit)) && Increases(numbers);
        return areNames ? Verdict.Names : Verdict.Unclear;
    }

    /// <summary>The line after the first, and how often each text is in the first target's column.</summary>
    sealed record Rows(IReadOnlyList<string> Second, Dictionary<string, int> Labels);

    Rows Others(TableColumns columns)
    {
        string[]? second = null;
        var labels = new Dictionary<string, int>();
        foreach (var (fields, _) in TableLines.Read(path, layout.Separator).Skip(1))
        {
            if (fields.Count != columns.Width) continue;
            second ??= [.. fields];
            var label = fields[columns.Targets[0]];
            if (TableNumber.IsMissing(label)) continue;
            labels[label] = labels.GetValueOrDefault(label) + 1;
            if (labels.Count > 1000) break;                              // values, not classes
        }
        return new(second ?? [], labels);
    }

    /// <summary>Whether the fields are a number, the next one, and so on.</summary>
    public static bool Counts(IReadOnlyList<string> fields, int start) =>
        fields.Index().All(pair => pair.Item == Invariant($"{pair.Index + start}"));

    static bool Increases(List<string> numbers)
    {
        var values = numbers.ConvertAll(text => TableNumber.TryRead(text, out var value) ? value : float.NaN);
        return values.Zip(values.Skip(1)).All(pair => pair.First < pair.Second);
    }

    void CheckNames(TableColumns columns, IReadOnlyList<string> names, int line)
    {
        foreach (var (target, column) in layout.Targets.Zip(columns.Targets))
            if (TableNumber.IsNumber(names[column]) && Index(names, target) is >= 0 and var named && named != column)
                throw Wrong(line, $"the label \"{target}\" is a position and the name of column {named + 1}; {
                    column - names.Count} or {named - names.Count}, from the end, says which is meant");

        foreach (var column in columns.Targets.Concat(columns.Features))
        {
            if (names[column].Length > 0 && !names[column].StartsWith("Unnamed: ", StringComparison.Ordinal)) continue;

            var why = column > 0 && column == names.Count - 1 ? "; the line may end with a separator"
                : ", as the index that pandas writes";
            throw Wrong(line, $"each column must have a name, and column {column + 1} has none{why}: {
                $"\"ignoreColumns\": [\"{column + 1}\"]"} leaves it out");
        }
        CheckDistinct(names, line);
    }

    void CheckDistinct(IReadOnlyList<string> names, int line)
    {
        var twice = names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
        if (twice is null) return;

        var name = TableNumber.Shorten(twice.Key);
        throw Wrong(line, $"each column must have its own name; \"{name}\" is there {twice.Count()} times");
    }

    // y beside x is a coordinate
    void CheckLastIsClass(TableColumns columns, IReadOnlyList<string> names, int line)
    {
        var hasX = names.Contains("x", StringComparer.OrdinalIgnoreCase);
        foreach (var column in columns.Features)
        {
            var name = names[column].ToLowerInvariant();
            if (name is "label" or "class" or "target" || name == "y" && !hasX) throw Wrong(
                line, $"the classes may be in column {column + 1} ({names[column]}) or in the last ({
                    TableNumber.Shorten(names[columns.Targets[0]])}); the option \"label\" must say which: \"{
                    names[column]}\" or \"{names.Count}\"");
        }
    }

    InvalidDataException Wrong(int line, FormattableString what) => TableLines.Wrong(path, line, what);
}
