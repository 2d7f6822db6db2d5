namespace Retort.Data;

/// <summary>A table whose rows a student predicts.</summary>
/// <param name="options">The table; its ignored columns are no input.</param>
/// <param name="size">The number of values that the student takes.</param>
/// <param name="known">The names of the student's columns; null where it has none.</param>
/// <param name="note">Called with a sentence about columns that are left out.</param>
sealed class UnlabelledTable(
    TableOptions options, int size, IReadOnlyList<string>? known, Action<string>? note)
{
    readonly string _path = options.Path;

    /// <summary>The line and the numbers of each row, line by line.</summary>
    public IEnumerable<(int Line, float[] Numbers)> Read()
    {
        DataPath.FileMustExist(_path);
        TableColumns? columns = null;
        var none = true;
        foreach (var (fields, line) in TableLines.Read(_path, options.Separator))
        {
            if (columns is null)
            {
                columns = ColumnsOf(fields, line);
                if (columns.HasHeader) continue;
            }
            if (fields.Count != columns.Width) throw TableLines.Wrong(
                _path, line, $"the line must have {columns.Width} columns; it has {fields.Count}");
            none = false;
            yield return (line, new TableRow(columns, fields, _path, line).Numbers(options.Separator));
        }
        if (none) throw new InvalidDataException($"{_path} holds no example.");
    }

    TableColumns ColumnsOf(List<string> first, int line)
    {
        var header = new TableHeader(new(_path, options.Separator, []) { Header = options.Header }, _path);
        int[] ignored = [.. (options.IgnoreColumns ?? []).Select(column => header.Find(column, first, line, "label"))];
        int[] rest = [.. Enumerable.Range(0, first.Count).Except(ignored)];
        if (options.Header != false && known is not null && known.All(first.Contains))
            return ByName(first, rest, line);

        var hasNames = options.Header ?? HasNames(new(first.Count, null, ignored, rest), first, line);
        if (hasNames && known?.FirstOrDefault(name => !first.Contains(name)) is { } missing) throw TableLines.Wrong(
            _path, line, $"the student's column \"{TableNumber.Shorten(missing)}\" is missing; the table has {
                string.Join(", ", first.Take(20).Select(TableNumber.Shorten))}{header.OtherSeparator(first)}");
        var hint = rest.Length > size ? "; columns that are no input, such as the class, are named with --label" : "";
        if (rest.Length != size) throw TableLines.Wrong(_path, line,
            $"the line must have {size} numbers; it has {rest.Length} columns{hint}{header.OtherSeparator(first)}");
        return new(first.Count, hasNames ? [.. first] : null, [], rest);
    }

    bool HasNames(TableColumns columns, List<string> first, int line)
    {
        List<string> fields = [.. columns.Features.Select(column => first[column])];
        string[] labels = [.. options.IgnoreColumns ?? []];
        if (labels.Any(column => TableHeader.IsNamed(column, first))) return true;
        if (!fields.Exists(TableNumber.IsNumber)) return fields.Exists(TableNumber.IsWord);
        if (fields.Exists(TableNumber.IsWord)) return known is not null && fields.Exists(known.Contains);

        var header = new TableHeader(new(_path, options.Separator, labels) { HasClasses = true }, _path);
        return (labels.Length == 1 ? header.Decide(columns, first) : MayBeNames(first, fields) ? null : false)
            ?? throw TableLines.Wrong(_path, line, $"this may be an example or the columns' names: {
                string.Join(", ", first.Take(8).Select(TableNumber.Shorten))}{
                (first.Count > 8 ? ", …" : "")}; the option --header (true or false) says which");
    }

    // names count 0, 1, 2, …; a line without others is an example
    bool MayBeNames(List<string> first, List<string> fields) => fields.Count > 2
        && (TableHeader.Counts(fields, 0) || TableHeader.Counts(first, 0))
        && TableLines.Read(_path, options.Separator).Skip(1).Any();

    TableColumns ByName(List<string> first, int[] rest, int line)
    {
        if (known!.FirstOrDefault(name => first.Count(field => field == name) > 1) is { } twice)
            throw TableLines.Wrong(_path, line, $"there must be one column \"{twice}\"; there are several");

        List<string> extra = [.. rest.Select(column => first[column]).Where(name => !known!.Contains(name))];
        var shown = string.Join(", ", extra.Take(20).Select(name => $"\"{TableNumber.Shorten(name)}\""));
        if (extra.Count == 1) note?.Invoke($"{_path}: the student has no column {shown}; it is left out.");
        if (extra.Count > 1) note?.Invoke(
            $"{_path}: the student has no columns {shown}{(extra.Count > 20 ? " …" : "")}; they are left out.");
        string[] names = [.. first];
        return new(names.Length, names, [], [.. known!.Select(name => Array.IndexOf(names, name))]);
    }
}
