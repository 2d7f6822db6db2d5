using System.Text.Json;
using Parquet;
using Parquet.Schema;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Data.Parquet;

/// <summary>
/// One Parquet file after its survey. The library that reads it throws what it likes on damaged files; here all of it
/// becomes one sentence with the file's name.
/// </summary>
sealed class ParquetFile : IDisposable
{
    readonly string _path;
    readonly FileStream _stream;
    readonly ParquetReader _reader;

    public ParquetFile(string path, MemoryLimit budget)
    {
        _path = path;
        Folder.FileMustExist(path);
        new ParquetSurvey(path, budget).Check();
        _stream = File.OpenRead(path);
        try
        {
            _reader = Guarded("its footer", () => Done(ParquetReader.CreateAsync(_stream, leaveStreamOpen: true)));
            Fields = [.. Guarded("its schema", () => _reader.Schema.GetDataFields()).Where(field => field.MaxRepetitionLevel == 0 && field.Path.ToList().Count > 0)];
            ClassNames = Guarded("its metadata", () => Names(_reader.CustomMetadata));
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>Columns with one value a row.</summary>
    public IReadOnlyList<DataField> Fields { get; }

    /// <summary>Names of classes by column, where the file has them in Hugging Face's metadata.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ClassNames { get; }

    /// <summary>Row groups.</summary>
    public int Groups => _reader.RowGroupCount;

    /// <summary>A column's name: of a column with parts, that of the whole.</summary>
    public static string NameOf(DataField field) => field.Path.ToList()[0];

    /// <summary>Whether a column holds bytes, and not text.</summary>
    public static bool IsBytes(DataField field) => field.ClrType == typeof(byte[]) || field.ClrType == typeof(ReadOnlyMemory<byte>);

    /// <summary>Whether a column holds text.</summary>
    public static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    /// <summary>Whether a column holds numbers.</summary>
    public static bool IsNumber(DataField field) => field.ClrType.IsPrimitive && field.ClrType != typeof(char);

    /// <summary>A column of bytes in one row group; a value that is missing is null.</summary>
    public byte[]?[] Bytes(int group, DataField field) => Read(group, field, (reader, rows) =>
    {
        var values = new byte[]?[rows];
        Done(reader.ReadAsync(field, values.AsMemory()!));
        return values;
    });

    /// <summary>A column of texts in one row group; a value that is missing is null.</summary>
    public string?[] Texts(int group, DataField field) => Read(group, field, (reader, rows) =>
    {
        var values = new string?[rows];
        Done(reader.ReadAsync(field, values.AsMemory()!));
        return values;
    });

    /// <summary>A column of numbers in one row group; a value that is missing is null.</summary>
    public double?[] Numbers(int group, DataField field)
    {
        var type = field.ClrType;
        return type == typeof(long) ? Of<long>(value => value) : type == typeof(int) ? Of<int>(value => value)
            : type == typeof(float) ? Of<float>(value => value) : type == typeof(double) ? Of<double>(value => value)
            : type == typeof(short) ? Of<short>(value => value) : type == typeof(sbyte) ? Of<sbyte>(value => value)
            : type == typeof(ushort) ? Of<ushort>(value => value) : type == typeof(byte) ? Of<byte>(value => value)
            : type == typeof(uint) ? Of<uint>(value => value) : type == typeof(ulong) ? Of<ulong>(value => value)
            : type == typeof(bool) ? Of<bool>(value => value ? 1 : 0)
            : throw new InvalidDataException($"{_path}, column \"{field.Path}\" holds {type.Name}, which is no number.");

        double?[] Of<T>(Func<T, double> number) where T : struct => Read(group, field, (reader, rows) =>
        {
            if (!field.IsNullable)
            {
                var values = new T[rows];
                Done(reader.ReadAsync<T>(field, values.AsMemory()));
                return Array.ConvertAll(values, value => (double?)number(value));
            }
            var some = new T?[rows];
            Done(reader.ReadAsync<T>(field, some.AsMemory()));
            return Array.ConvertAll(some, value => value is { } known ? number(known) : (double?)null);
        });
    }

    public void Dispose()
    {
        Done(_reader.DisposeAsync());
        _stream.Dispose();
    }

    T Read<T>(int group, DataField field, Func<ParquetRowGroupReader, int, T> read) => Guarded(Invariant($"row group {group + 1}, column \"{field.Path}\""), () =>
    {
        using var reader = _reader.OpenRowGroupReader(group);
        return read(reader, checked((int)reader.RowCount));
    });

    T Guarded<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not InvalidDataException { Message: var text } || !text.StartsWith(_path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{_path}, {place.OnOneLine()}: it is damaged, or written in a way that cannot be read here ({error.GetType().Name}: {error.Message.TrimEnd('.').OnOneLine()}).", error);
        }
    }

    /// <summary>From <c>{"info": {"features": {"label": {"_type": "ClassLabel", "names": […]}}}}</c>.</summary>
    static Dictionary<string, IReadOnlyList<string>> Names(Dictionary<string, string>? metadata)
    {
        var names = new Dictionary<string, IReadOnlyList<string>>();
        if (metadata is null || !metadata.TryGetValue("huggingface", out var text)) return names;
        using var json = JsonDocument.Parse(text);
        if (!json.RootElement.TryGetProperty("info", out var info) || !info.TryGetProperty("features", out var features)) return names;
        foreach (var feature in features.EnumerateObject())
            if (feature.Value.ValueKind == JsonValueKind.Object && feature.Value.TryGetProperty("names", out var list) && list.ValueKind == JsonValueKind.Array)
                names[feature.Name] = [.. list.EnumerateArray().Select(name => name.GetString() ?? throw new JsonException("a class without a name"))];
        return names;
    }

    // the library reads a file's stream as it goes; nothing else waits on this thread
    static T Done<T>(Task<T> work) => work.GetAwaiter().GetResult();

    static void Done(Task work) => work.GetAwaiter().GetResult();

    static void Done(ValueTask work) => work.AsTask().GetAwaiter().GetResult();
}
