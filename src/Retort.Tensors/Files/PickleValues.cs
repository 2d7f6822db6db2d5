namespace Retort.Tensors.Files;

/// <summary>A dict of a pickle, in its order. Of equal keys the last one counts.</summary>
sealed class PickledDict
{
    public List<KeyValuePair<object?, object?>> Pairs { get; } = new(0);
}

/// <summary>A value that is not needed here, such as bytes or an argparse.Namespace.</summary>
/// <param name="Description">What it is, for messages.</param>
sealed record PickledOpaque(string Description);

/// <summary>A block of elements of one type, which tensors are views of.</summary>
/// <param name="Type">Type of the elements.</param>
/// <param name="Key">Its name in the file.</param>
/// <param name="Count">How many elements.</param>
sealed record PickledStorage(ScalarType Type, string Key, long Count)
{
    public int ElementSize => Type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        _ => 1,
    };

    public long Bytes => Count * ElementSize;
}

/// <summary>A view of a storage, checked to lie within it. Offset and strides count elements.</summary>
sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>The names that a pickle may refer to, and the instructions that it may have.</summary>
interface IPickleGlobals
{
    /// <summary>Whether a pickle of this kind has the instruction.</summary>
    bool Allows(byte instruction);

    /// <summary>What a name stands for.</summary>
    /// <exception cref="InvalidDataException">The name is not known.</exception>
    object Find(string module, string name);

    /// <summary>What a persistent id stands for, which is a storage.</summary>
    object LoadPersistent(object? id);
}

/// <summary>An object whose state a pickle sets.</summary>
interface IPickledState
{
    /// <summary>The state.</summary>
    object? State { set; }
}

/// <summary>A function that a pickle refers to by name.</summary>
sealed class PickledGlobal(Func<object?[], object?> call)
{
    public object? Call(object?[] arguments) => call(arguments);
}
