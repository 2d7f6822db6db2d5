using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Retort.Tensors.Files;

/// <summary>
/// Reads PyTorch state files (<c>.pth</c>, <c>.pt</c>, <c>.bin</c>) in the zip layout and in the one before 2020: a
/// state_dict, alone or inside a checkpoint. Nothing in a file is executed, and no more is allocated than its tensors
/// take plus <see cref="OverheadBytes"/>.
/// </summary>
/// <remarks>
/// Both layouts are documented in the source of PyTorch's <c>torch/serialization.py</c>. Bytes go from the file
/// straight into the tensors' memory; of a checkpoint only the wanted state_dict is read. Tensors that share a storage
/// in the file share it here.
/// </remarks>
public static class PthFile
{
    /// <summary>Limit for the bytes that reading takes beside the tensors: pickle, its values, zip directory.</summary>
    public const long OverheadBytes = 256 << 20;

    const int MaxPickleBytes = 16 << 20;
    const long LegacyVersion = 1001;                                        // the only one there was

    static readonly BigInteger s_legacyMagic =
        BigInteger.Parse("119547037146038801333356", CultureInfo.InvariantCulture);

    enum Layout
    {
        None,
        Zip,
        Legacy,
    }

    /// <summary>Whether a file begins as a zip file or a pickle.</summary>
    public static bool IsPthFile(string path)
    {
        using var file = Open(path);
        return FindLayout(file) != Layout.None;
    }

    /// <summary>
    /// Reads the one state_dict in a file, on the CPU. The prefixes of PyTorch's wrappers (<c>module.</c>,
    /// <c>_orig_mod.</c>) are removed if all names have them. The tensors belong to the caller's dispose scope, or to
    /// the caller.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Limit for the tensors' bytes. Sizes are always checked against the file's length.</param>
    /// <param name="key">Which state_dict to read if there are several, as the message about them names it.</param>
    /// <exception cref="InvalidDataException">
    /// The file is no state file, or damaged; it asks for code to be run; it has no state_dict, or several. The message
    /// says which.
    /// </exception>
    public static Dictionary<string, Tensor> Read(string path, long maxBytes = long.MaxValue, string? key = null)
    {
        using var file = Open(path);
        try
        {
            var (root, offsetOf) = FindLayout(file) == Layout.Zip
                ? ReadZip(file, path, Invalid)
                : ReadLegacy(file, path, Invalid);
            var state = PthState.Find(root, key, path);
            return ReadTensors(file, state, offsetOf, maxBytes, path, Invalid);
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException($"{path} ended while it was read.", error);
        }

        InvalidDataException Invalid(string what) =>
            new($"{path} is not a sound PyTorch state file: {what.OnOneLine()}.");
    }

    static FileStream Open(string path) => InputFile.Open(path, bufferSize: 0);

    // a safetensors file with a header of 640 bytes begins with 0x80 0x02 too, but goes on with zeros and a brace
    static Layout FindLayout(FileStream file)
    {
        Span<byte> first = stackalloc byte[9];
        file.Position = 0;
        if (file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) < first.Length) return Layout.None;
        if (first.StartsWith("PK\u0003\u0004"u8)) return Layout.Zip;

        var isPickle = first[0] == 0x80 && first[1] is >= 2 and <= 5 && !first[4..].SequenceEqual("\0\0\0\0{"u8);
        return isPickle ? Layout.Legacy : Layout.None;
    }

    /// <summary>The zip layout: NAME/data.pkl, and NAME/data/KEY for each storage.</summary>
    /// <returns>The pickled value, and the offset of a storage in the file.</returns>
    static (object? Root, Func<PickledStorage, long> OffsetOf) ReadZip(
        FileStream file, string path, Func<string, InvalidDataException> invalid)
    {
        const string PickleName = "data.pkl";
        var entries = PthArchive.ReadEntries(file, invalid);
        var pickles = entries.Keys
            .Where(name => name.EndsWith("/" + PickleName, StringComparison.Ordinal)
                && name.IndexOf('/', StringComparison.Ordinal) == name.Length - PickleName.Length - 1)
            .ToList();
        if (pickles.Count == 0) throw invalid("it is a zip file without a data.pkl");
        if (pickles.Count > 1) throw invalid($"it has {pickles.Count} files data.pkl");

        var folder = pickles[0][..^PickleName.Length];
        if (entries.ContainsKey(folder + "constants.pkl")
            || entries.Keys.Any(name => name.StartsWith(folder + "code/", StringComparison.Ordinal)))
            throw new InvalidDataException(PthGlobals.TorchScriptRefusal(path));
        if (entries.ContainsKey(folder + "byteorder"))
        {
            var order = ReadBytes(file, Stored(folder + "byteorder"), 16, invalid);
            if (!order.AsSpan().SequenceEqual("little"u8)) throw invalid("its numbers are not little-endian");
        }

        var bytes = ReadBytes(file, Stored(pickles[0]), MaxPickleBytes, invalid);
        var root = new Pickle(bytes, new PthGlobals(path, invalid), invalid).Load();
        return (root, OffsetOf);

        PthArchive.Entry Stored(string name) => entries[name].IsStored ? entries[name] : throw invalid(
            $"its entry '{name}' is compressed, as PyTorch never writes one: unpack and save it again");

        long OffsetOf(PickledStorage storage)
        {
            var name = $"{folder}data/{storage.Key}";
            if (!entries.ContainsKey(name)) throw invalid($"storage {storage.Key} is missing");

            var entry = Stored(name);
            return entry.Length == storage.Bytes ? entry.Offset : throw invalid(
                $"storage {storage.Key} of {storage.Count} {storage.Type} has {entry.Length} bytes where "
                + $"{storage.Bytes} were expected");
        }
    }

    /// <summary>
    /// The layout before 2020: pickles of a magic number, the version, a dict about the machine, the value and the
    /// storages' keys; then each storage behind its number of elements.
    /// </summary>
    /// <returns>The pickled value, and the offset of a storage in the file.</returns>
    static (object? Root, Func<PickledStorage, long> OffsetOf) ReadLegacy(
        FileStream file, string path, Func<string, InvalidDataException> invalid)
    {
        if (FindLayout(file) == Layout.None) throw invalid("it begins neither as a zip file nor as a pickle");

        var globals = new PthGlobals(path, invalid);
        var bytes = ReadBytes(file, new(0, Math.Min(file.Length, MaxPickleBytes)), MaxPickleBytes, invalid);
        var pickle = new Pickle(bytes, globals, invalid);
        if (pickle.Load() is not BigInteger magic || magic != s_legacyMagic)
            throw invalid("it is a pickle without PyTorch's magic number");
        if (pickle.Load() is not LegacyVersion)
            throw invalid($"its version is not {LegacyVersion}, the only one there was");
        if (pickle.Load() is not PickledDict machine || IsFalse(machine, "little_endian"))
            throw invalid("its numbers are not little-endian");
        var root = pickle.Load();
        if (pickle.Load() is not List<object?> keys) throw invalid("the list of its storages is missing");

        var offsets = ReadLegacyOffsets(file, pickle.Position, keys, globals, invalid);
        return (root, storage => offsets.TryGetValue(storage.Key, out var offset)
            ? offset : throw invalid($"storage {storage.Key} is missing"));

        static bool IsFalse(PickledDict dict, string key) =>
            dict.Pairs.LastOrDefault(pair => pair.Key is string name && name == key).Value is false;
    }

    /// <summary>Offsets of the storages' bytes, by key.</summary>
    static Dictionary<string, long> ReadLegacyOffsets(
        FileStream file, long position, List<object?> keys, PthGlobals globals,
        Func<string, InvalidDataException> invalid)
    {
        var offsets = new Dictionary<string, long>();
        Span<byte> word = stackalloc byte[8];
        foreach (var key in keys)
        {
            if (key is not string name || !globals.Storages.TryGetValue(name, out var storage)
                || !offsets.TryAdd(name, position + 8))
                throw invalid("the list of its storages does not fit its tensors");
            if (position > file.Length - 8) throw invalid($"storage {name} is missing; the file is cut short");

            file.Position = position;
            file.ReadExactly(word);
            var count = BinaryPrimitives.ReadInt64LittleEndian(word);
            if (count != storage.Count)
                throw invalid($"storage {name} has {count} elements where {storage.Count} were expected");

            position += 8;
            if (storage.Bytes > file.Length - position)
                throw invalid($"storage {name} would end at byte {position + storage.Bytes} of {file.Length}; "
                    + "the file is cut short");
            position += storage.Bytes;
        }
        return offsets;
    }

    static byte[] ReadBytes(
        FileStream file, PthArchive.Entry entry, int maxBytes, Func<string, InvalidDataException> invalid)
    {
        if (entry.Length > maxBytes)
            throw invalid($"an entry of it that may have {maxBytes} bytes has {entry.Length}");

        return PthArchive.ReadBytes(file, entry.Offset, (int)entry.Length);
    }

    static Dictionary<string, Tensor> ReadTensors(
        FileStream file, Dictionary<string, PickledTensor> state, Func<PickledStorage, long> offsetOf,
        long maxBytes, string path, Func<string, InvalidDataException> invalid)
    {
        var storages = state.Values
            .Select(tensor => tensor.Storage).Distinct()
            .Select(storage => (Storage: storage, Offset: offsetOf(storage)))
            .OrderBy(pair => pair.Offset)
            .ToList();
        var total = storages.Aggregate(0L, (sum, pair) => checked(sum + pair.Storage.Bytes));
        if (total > file.Length)
            throw invalid($"its storages would have {total} bytes, more than the file's {file.Length}");
        if (total > maxBytes)
            throw new InvalidDataException(
                $"{path} exceeds what may be read: its tensors take {total} bytes; {maxBytes} are allowed.");

        var read = new Dictionary<PickledStorage, Tensor>();
        var tensors = new Dictionary<string, Tensor>(state.Count);
        try
        {
            foreach (var (storage, offset) in storages)
            {
                var elements = empty([storage.Count], dtype: storage.Type);
                read.Add(storage, elements);
                SafeTensors.Fill(elements, file, offset);
            }
            foreach (var (name, view) in state)
                tensors.Add(name, read[view.Storage].as_strided(view.Shape, view.Strides, view.Offset));
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
        finally
        {
            foreach (var elements in read.Values) elements.Dispose();       // the views keep the memory alive
        }
        return tensors;
    }
}
