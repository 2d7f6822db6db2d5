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
        foreach (var (fields, line) in TableLines.Read(_path, options.Separator))
        {
            if (columns is null)
            {
                columns = ColumnsOf(fields, line);
                if (columns.HasHeader) continue;
            }
            if (fields.Count != columns.Width) throw TableLines.Wrong(
                _path, line, $"the line must have {columns.Width} columns; it has {fields.Count}");
            yield return (line, new TableRow(columns, fields, _path, line).Numbers(options.Separator));
        }
    }

    TableColumns ColumnsOf(IReadOnlyList<string> first, int line)
    {
        var header = new TableHeader(new(_path, options.Separator, []), _path);
        int[] ignored = [.. (options.IgnoreColumns ?? []).Select(column => header.Find(column, first, line, "label"))];
        int[] rest = [.. Enumerable.Range(0, first.Count).Except(ignored)];
        if (known is not null && known.All(first.Contains)) return ByName(first, rest, line);

        var hasNames = !rest.Any(column => TableNumber.IsNumber(first[column]))
            && rest.Any(column => TableNumber.IsWord(first[column]));
        if (known is not null && (hasNames || rest.Any(column => known.Contains(first[column]))))
        {
            var missing = known.First(name => !first.Contains(name));
            throw TableLines.Wrong(
                _path, line, $"the student's column \"{TableNumber.Shorten(missing)}\" is missing; the table has {
                    string.Join(", ", first.Take(20).Select(TableNumber.Shorten))}");
        }
        var hint = rest.Length > size ? "; columns that are no input, such as the class, are named with --label" : "";
        if (rest.Length != size) throw TableLines.Wrong(
            _path, line, $"the line must have {size} numbers; it has {rest.Length} columns{hint}");
        return new(first.Count, hasNames ? [.. first] : null, [], rest);
    }

    TableColumns ByName(IReadOnlyList<string> first, int[] rest, int line)
    {
        if (known!.FirstOrDefault(name => first.Count(field => field == name) > 1) is { } twice)
            throw TableLines.Wrong(_path, line, $"there must be one column \"{twice}\"; there are several");

        string[] extra = [.. rest.Select(column => first[column]).Where(name => !known!.Contains(name))];
        if (extra.Length > 0) note?.Invoke($"{_path}: {string.Join(", ", extra.Take(20).Select(TableNumber.Shorten))}"
            + (extra.Length == 1 ? " is no column of the student and is left out."
                : " are no columns of the student and are left out."));
        string[] names = [.. first];
        return new(names.Length, names, [], [.. known!.Select(name => Array.IndexOf(names, name))]);
    }
}
