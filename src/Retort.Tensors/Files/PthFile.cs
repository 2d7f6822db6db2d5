using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors.Files;

/// <summary>
/// PyTorch's state files (<c>.pth</c>, <c>.pt</c>, <c>.bin</c>), for reading: the zip layout and the one before 2020, a mapping of
/// names to tensors alone or inside a checkpoint. Nothing in a file is ever run, and no more is allocated than its tensors
/// take plus <see cref="OverheadBytes"/>.
/// </summary>
/// <remarks>
/// Both layouts as documented in the source of PyTorch's <c>torch/serialization.py</c>. Numbers go from the file into the tensors'
/// own memory; of a checkpoint only what is asked for is read. Tensors that share numbers in the file share them here.
/// </remarks>
public static class PthFile
{
    /// <summary>The most bytes that reading takes beside the tensors: the pickle, its values, the zip's directory.</summary>
    public const long OverheadBytes = 256 << 20;

    const int LongestPickle = 16 << 20;
    const int DeepestMapping = 2;
    const int MostWrappers = 4;

    static readonly string[] Wrappers = ["module.", "_orig_mod."];

    /// <summary>Whether a file begins as one: a zip file or a pickle.</summary>
    public static bool IsPthFile(string path)
    {
        using var file = Open(path);
        return Layout(file) != PthLayout.None;
    }

    /// <summary>
    /// Reads the one mapping of names to tensors that is in the file, on the CPU; the prefixes of PyTorch's wrappers
    /// (<c>module.</c>, <c>_orig_mod.</c>) are taken off where all names have them. The tensors belong to the scope they are read in, or to the caller.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="budget">The most bytes that the tensors may take; what the file claims is checked against its size in any case.</param>
    /// <param name="key">Where several mappings are in the file: which, as the message about them names it.</param>
    /// <exception cref="InvalidDataException">
    /// It is no such file, or a damaged one; it asks for something to be run; it has no mapping or several. The message says which.
    /// </exception>
    public static Dictionary<string, Tensor> Read(string path, long budget = long.MaxValue, string? key = null)
    {
        using var file = Open(path);
        InvalidDataException Wrong(string what) => new($"{path} is not a sound PyTorch state file: {what.OnOneLine()}.");
        try
        {
            var (root, places) = Layout(file) == PthLayout.Zip ? Zipped(file, path, Wrong) : Legacy(file, path, Wrong);
            var found = Unwrapped(Mapping(root, key, path));
            return Tensors(file, found, places, budget, path, Wrong);
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException($"{path} ended while it was read.", error);
        }
    }

    internal static string Script(string path) =>
        $"{path} is a TorchScript program, not a file of weights: those are safetensors and what torch.save writes of a network's state_dict(); a program is run by the teacher \"script\" alone.";

    static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    // a safetensors file whose header has 640 bytes begins with 0x80 0x02 too, and goes on with zeros and a brace
    static PthLayout Layout(FileStream file)
    {
        Span<byte> first = stackalloc byte[9];
        file.Position = 0;
        if (file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) < first.Length) return PthLayout.None;
        if (first.StartsWith("PK\u0003\u0004"u8)) return PthLayout.Zip;
        var pickle = first[0] == 0x80 && first[1] is >= 2 and <= 5 && !first[4..].SequenceEqual("\0\0\0\0{"u8);
        return pickle ? PthLayout.Legacy : PthLayout.None;
    }

    enum PthLayout { None, Zip, Legacy }

    /// <summary>The zip layout: NAME/data.pkl, and NAME/data/KEY for each storage.</summary>
    static (object? Root, Func<PickledStorage, long> Place) Zipped(FileStream file, string path, Func<string, InvalidDataException> wrong)
    {
        var parts = PthArchive.Parts(file, wrong);
        var pickles = parts.Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal) && name.IndexOf('/', StringComparison.Ordinal) == name.Length - 9).ToList();
        if (pickles.Count != 1) throw wrong(pickles.Count == 0 ? "it is a zip file without a data.pkl" : $"it has {pickles.Count} files data.pkl");
        var folder = pickles[0][..^8];
        if (parts.ContainsKey(folder + "constants.pkl") || parts.Keys.Any(name => name.StartsWith(folder + "code/", StringComparison.Ordinal)))
            throw new InvalidDataException(Script(path));
        if (parts.ContainsKey(folder + "byteorder") && Bytes(file, Stored(folder + "byteorder"), 16, wrong) is var word && !word.AsSpan().SequenceEqual("little"u8))
            throw wrong("its numbers are not little-endian");
        var globals = new PthGlobals(path, wrong);
        var root = new Pickle(Bytes(file, Stored(pickles[0]), LongestPickle, wrong), globals, wrong).Next();
        return (root, storage =>
        {
            var part = $"{folder}data/{storage.Key}";
            if (!parts.ContainsKey(part)) throw wrong($"storage {storage.Key} is missing");
            var place = Stored(part);
            return place.Length == storage.Bytes ? place.From
                : throw wrong($"storage {storage.Key} of {storage.Count} {storage.Type} has {place.Length} bytes where {storage.Bytes} were expected");
        });

        PthArchive.Place Stored(string part) => parts[part].Plain ? parts[part]
            : throw wrong($"its part '{part}' is compressed, as PyTorch never writes one: unpack and save it again");
    }

    /// <summary>The layout before 2020: magic number, version, facts of the machine, the value, the storages' keys, then each storage with its length.</summary>
    static (object? Root, Func<PickledStorage, long> Place) Legacy(FileStream file, string path, Func<string, InvalidDataException> wrong)
    {
        if (Layout(file) == PthLayout.None) throw wrong("it begins neither as a zip file nor as a pickle");
        var magic = System.Numerics.BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);
        var globals = new PthGlobals(path, wrong);
        var pickle = new Pickle(Bytes(file, new(0, Math.Min(file.Length, LongestPickle)), LongestPickle, wrong), globals, wrong);
        if (pickle.Next() is not System.Numerics.BigInteger number || number != magic) throw wrong("it is a pickle without PyTorch's magic number");
        if (pickle.Next() is not 1001L) throw wrong("its version is not 1001, the only one there was");
        if (pickle.Next() is not PickledTable facts || Value(facts, "little_endian") is false) throw wrong("its numbers are not little-endian");
        var root = pickle.Next();
        if (pickle.Next() is not List<object?> keys) throw wrong("the list of its storages is missing");
        var places = new Dictionary<string, long>();
        long at = pickle.At;
        Span<byte> length = stackalloc byte[8];
        foreach (var key in keys)
        {
            if (key is not string name || !globals.Seen.TryGetValue(name, out var storage) || !places.TryAdd(name, at + 8)) throw wrong("the list of its storages does not fit its tensors");
            if (at > file.Length - 8) throw wrong($"storage {name} is missing; the file is cut short");
            file.Position = at;
            file.ReadExactly(length);
            if (System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(length) is var count && count != storage.Count)
                throw wrong($"storage {name} has {count} numbers where {storage.Count} were expected");
            at += 8;
            if (storage.Bytes > file.Length - at) throw wrong($"storage {name} would end at byte {at + storage.Bytes} of {file.Length}; the file is cut short");
            at += storage.Bytes;
        }
        return (root, storage => places.TryGetValue(storage.Key, out var place) ? place : throw wrong($"storage {storage.Key} is missing"));
    }

    static byte[] Bytes(FileStream file, PthArchive.Place place, int most, Func<string, InvalidDataException> wrong)
    {
        if (place.Length > most) throw wrong($"a part of it that may have {most} bytes has {place.Length}");
        var bytes = new byte[place.Length];
        file.Position = place.From;
        file.ReadExactly(bytes);
        return bytes;
    }

    static object? Value(PickledTable table, string key) => table.Pairs.LastOrDefault(pair => pair.Key is string name && name == key).Value;

    /// <summary>The one table of names and tensors alone, at the top or inside a checkpoint.</summary>
    static Dictionary<string, PickledTensor> Mapping(object? root, string? key, string path)
    {
        var found = new List<(string Key, Dictionary<string, PickledTensor> Named)>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);          // a table may stand at many places
        Look(root, "", 0);
        if (key is not null) return found.FirstOrDefault(one => one.Key == key).Named ?? throw new InvalidDataException(
            $"{path} has no mapping of names to tensors under '{key}'{(found.Count == 0 ? "" : $"; it has {string.Join(", ", found.Select(one => $"'{one.Key}'")).OnOneLine()}")}.");
        return found.Count switch
        {
            1 => found[0].Named,
            0 => throw new InvalidDataException($"{path} holds no mapping of names to tensors, such as a network's state_dict(); its top is {Said(root).OnOneLine()}."),
            _ => throw new InvalidDataException($"{path} holds {found.Count} mappings of names to tensors, under {string.Join(", ", found.Take(8).Select(one => $"'{one.Key}'")).OnOneLine()}"
                + $"{(found.Count > 8 ? ", …" : "")}: say with \"key\" which is meant."),
        };

        void Look(object? value, string place, int depth)
        {
            if (value is not PickledTable table || !seen.Add(table) || table.Pairs.Any(pair => pair.Key is not string)) return;
            if (Named(table) is { } named) found.Add((place, named));
            else if (depth < DeepestMapping)
                foreach (var (name, inner) in table.Pairs) Look(inner, place.Length == 0 ? (string)name! : $"{place}.{name}", depth + 1);
        }
    }

    static Dictionary<string, PickledTensor>? Named(PickledTable table)
    {
        var named = new Dictionary<string, PickledTensor>();
        foreach (var (key, value) in table.Pairs)
            if (value is PickledTensor tensor) named[(string)key!] = tensor;
            else if (!((string)key!).EndsWith("_extra_state", StringComparison.Ordinal)) return null;
        return named.Count > 0 ? named : null;
    }

    static string Said(object? root) => root switch
    {
        PickledTable { Pairs: { Count: > 0 } pairs } => $"a table of {string.Join(", ", pairs.Take(8).Select(pair => pair.Key is string name ? $"'{name}'" : $"{pair.Key}"))}{(pairs.Count > 8 ? ", …" : "")}",
        PickledTable => "an empty table",
        PickledTensor => "one tensor",
        List<object?> or object?[] => "a list",
        PickledOther other => other.What,
        null => "nothing",
        _ => $"{root}",
    };

    static Dictionary<string, PickledTensor> Unwrapped(Dictionary<string, PickledTensor> named)
    {
        for (var i = 0; i < MostWrappers && Wrappers.FirstOrDefault(prefix => named.Keys.All(name => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal))) is { } wrapper; i++)
            named = named.ToDictionary(pair => pair.Key[wrapper.Length..], pair => pair.Value);
        return named;
    }

    static Dictionary<string, Tensor> Tensors(FileStream file, Dictionary<string, PickledTensor> named, Func<PickledStorage, long> place,
        long budget, string path, Func<string, InvalidDataException> wrong)
    {
        var storages = named.Values.Select(tensor => tensor.Storage).Distinct().Select(storage => (Storage: storage, From: place(storage))).OrderBy(pair => pair.From).ToList();
        var total = storages.Aggregate(0L, (sum, pair) => checked(sum + pair.Storage.Bytes));
        if (total > file.Length) throw wrong($"its storages would have {total} bytes, more than the file's {file.Length}");
        if (total > budget) throw new InvalidDataException($"{path} exceeds what may be read: its tensors take {total} bytes; {budget} are allowed.");
        var read = new Dictionary<PickledStorage, Tensor>();
        var found = new Dictionary<string, Tensor>(named.Count);
        try
        {
            foreach (var (storage, from) in storages)
            {
                var numbers = empty([storage.Count], dtype: storage.Type);
                read.Add(storage, numbers);
                SafeTensors.Fill(numbers, file, from);
            }
            foreach (var (name, window) in named)
                found.Add(name, read[window.Storage].as_strided(window.Shape, window.Strides, window.Offset));
        }
        catch
        {
            foreach (var tensor in found.Values) tensor.Dispose();
            throw;
        }
        finally
        {
            foreach (var numbers in read.Values) numbers.Dispose();         // the windows keep what they show
        }
        return found;
    }
}
