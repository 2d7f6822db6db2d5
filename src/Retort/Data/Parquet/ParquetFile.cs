using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Retort.Data.Parquet;

/// <summary>
/// One Parquet file, checked by <see cref="ParquetGuard"/> and read by Parquet.Net. Whatever Parquet.Net throws over a
/// damaged file becomes an <see cref="InvalidDataException"/> with the file's name.
/// </summary>
sealed class ParquetFile : IDisposable
{
    readonly string _path;
    readonly FileStream _stream;
    readonly ParquetReader _reader;

    public ParquetFile(string path, MemoryLimit budget)
    {
        _path = path;
        DataPath.FileMustExist(path);
        _stream = InputFile.Open(path);
        try
        {
            var guard = new ParquetGuard(_stream, path, budget);
            Guarded("its footer", guard.CheckFooter);
            _reader = Guarded("its footer", () => Wait(ParquetReader.CreateAsync(_stream, leaveStreamOpen: true)));
            Guarded("its pages", () => guard.CheckPages(_reader.Metadata!));
            var fields = Guarded("its schema", () => _reader.Schema.GetDataFields());
            Fields = [.. fields.Where(field => field.MaxRepetitionLevel == 0 && field.Path.ToList().Count > 0)];
            ClassNames = Guarded("its metadata", () => ReadClassNames(_reader.CustomMetadata));
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The columns with one value per row.</summary>
    public IReadOnlyList<DataField> Fields { get; }

    /// <summary>Class names by column, from Hugging Face's metadata.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ClassNames { get; }

    /// <summary>Names and types of the columns, for messages.</summary>
    public string ColumnList => string.Join(", ", Fields.Select(Describe));

    /// <summary>The number of row groups.</summary>
    public int GroupCount => _reader.RowGroupCount;

    /// <summary>A column's name; the outermost name of a nested column.</summary>
    public static string NameOf(DataField field) => field.Path.ToList()[0];

    /// <summary>Whether a column holds bytes that are not text.</summary>
    public static bool IsBytes(DataField field) =>
        field.ClrType == typeof(byte[]) || field.ClrType == typeof(ReadOnlyMemory<byte>);

    /// <summary>Whether a column holds text.</summary>
    public static bool IsText(DataField field) =>
        field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    /// <summary>Whether a column holds numbers.</summary>
    public static bool IsNumber(DataField field) => field.ClrType.IsPrimitive && field.ClrType != typeof(char);

    /// <summary>A column of bytes in one row group; null where a value is missing.</summary>
    public byte[]?[] ReadBytes(int group, DataField field) => Read(group, field, (reader, rows) =>
    {
        var values = new byte[]?[rows];
        Wait(reader.ReadAsync(field, values.AsMemory()!));
        return values;
    });

    /// <summary>A column of texts in one row group; null where a value is missing.</summary>
    public string?[] ReadTexts(int group, DataField field) => Read(group, field, (reader, rows) =>
    {
        var values = new string?[rows];
        Wait(reader.ReadAsync(field, values.AsMemory()!));
        return values;
    });

    /// <summary>A column of numbers in one row group; null where a value is missing.</summary>
    public double?[] ReadNumbers(int group, DataField field) => Type.GetTypeCode(field.ClrType) switch
    {
        TypeCode.Int64 => ReadNumbers<long>(group, field, value => value),
        TypeCode.Int32 => ReadNumbers<int>(group, field, value => value),
        TypeCode.Int16 => ReadNumbers<short>(group, field, value => value),
        TypeCode.SByte => ReadNumbers<sbyte>(group, field, value => value),
        TypeCode.UInt64 => ReadNumbers<ulong>(group, field, value => value),
        TypeCode.UInt32 => ReadNumbers<uint>(group, field, value => value),
        TypeCode.UInt16 => ReadNumbers<ushort>(group, field, value => value),
        TypeCode.Byte => ReadNumbers<byte>(group, field, value => value),
        TypeCode.Single => ReadNumbers<float>(group, field, value => value),
        TypeCode.Double => ReadNumbers<double>(group, field, value => value),
        TypeCode.Boolean => ReadNumbers<bool>(group, field, value => value ? 1 : 0),
        _ => throw new InvalidDataException(
            $"{_path}, column \"{field.Path}\" must hold numbers; it holds {field.ClrType.Name}."),
    };

    double?[] ReadNumbers<T>(int group, DataField field, Func<T, double> toNumber) where T : struct =>
        Read(group, field, (reader, rows) =>
        {
            if (!field.IsNullable)
            {
                var values = new T[rows];
                Wait(reader.ReadAsync<T>(field, values.AsMemory()));
                return Array.ConvertAll(values, value => (double?)toNumber(value));
            }

            var nullable = new T?[rows];
            Wait(reader.ReadAsync<T>(field, nullable.AsMemory()));
            return Array.ConvertAll(nullable, value => value is { } known ? toNumber(known) : (double?)null);
        });

    public void Dispose()
    {
        Wait(_reader.DisposeAsync().AsTask());
        _stream.Dispose();
    }

    T Read<T>(int group, DataField field, Func<ParquetRowGroupReader, int, T> read) =>
        Guarded(Invariant($"row group {group + 1}, column \"{field.Path}\""), () =>
        {
            using var reader = _reader.OpenRowGroupReader(group);
            return read(reader, checked((int)reader.RowCount));
        });

    void Guarded(string place, Action read) => Guarded(place, () =>
    {
        read();
        return true;
    });

    T Guarded<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (!IsOwn(error))
        {
            throw new InvalidDataException(
                $"{_path}, {place.OnOneLine()}: it is damaged, or uses what is not supported "
                + $"({error.GetType().Name}: {error.Message.TrimEnd('.').OnOneLine()}).",
                error);
        }
    }

    static string Describe(DataField field)
    {
        var name = string.Join('.', field.Path.ToList()).OnOneLine();
        var type = IsText(field) ? "text" : IsBytes(field) ? "bytes" : field.ClrType.Name.ToLowerInvariant();
        return $"{name} ({type})";
    }

    bool IsOwn(Exception error) =>
        error is InvalidDataException && error.Message.StartsWith(_path, StringComparison.Ordinal);

    /// <summary>
    /// The names in <c>{"info": {"features": {"label": {"_type": "ClassLabel", "names": […]}}}}</c>.
    /// </summary>
    static Dictionary<string, IReadOnlyList<string>> ReadClassNames(Dictionary<string, string>? metadata)
    {
        var names = new Dictionary<string, IReadOnlyList<string>>();
        if (metadata is null || !metadata.TryGetValue("huggingface", out var text)) return names;

        using var json = JsonDocument.Parse(text);
        if (!json.RootElement.TryGetProperty("info", out var info)) return names;
        if (!info.TryGetProperty("features", out var features)) return names;

        foreach (var feature in features.EnumerateObject())
            if (feature.Value.ValueKind == JsonValueKind.Object
                && feature.Value.TryGetProperty("names", out var list)
                && list.ValueKind == JsonValueKind.Array)
                names[feature.Name] = [.. list.EnumerateArray().Select(NameOf)];
        return names;

        static string NameOf(JsonElement name) =>
            name.GetString() ?? throw new JsonException("a class without a name");
    }

    // Parquet.Net has no synchronous calls; nothing else waits for this thread
    static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    static void Wait(Task task) => task.GetAwaiter().GetResult();

    static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();
}
