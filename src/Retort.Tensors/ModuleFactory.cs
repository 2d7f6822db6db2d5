namespace Retort.Tensors;

/// <summary>
/// Builds modules that outlive the dispose scope they are built in. Without it, the end of the scope frees their
/// parameters.
/// </summary>
public static class ModuleFactory
{
    const long MostElements = int.MaxValue;                                 // of one layer: 8 GB in float32

    [ThreadStatic]
    static long? t_elementsLeft;                                            // null: a limit for each layer alone

    /// <summary>Builds a module, owned by no scope, and frees the temporary tensors of its construction.</summary>
    public static T Create<T>(Func<T> build) where T : Module
    {
        using var scope = NewDisposeScope();
        var module = build();
        foreach (var (_, parameter) in module.named_parameters()) parameter.DetachFromDisposeScope();
        foreach (var (_, buffer) in module.named_buffers()) buffer.DetachFromDisposeScope();
        return module;
    }

    /// <summary>
    /// As <see cref="Create{T}(Func{T})"/>, for a module whose layer sizes come from a file: all layers together may
    /// have at most this many elements.
    /// </summary>
    /// <exception cref="InvalidDataException">A layer would exceed the limit. It is not allocated.</exception>
    public static T Create<T>(Func<T> build, long maxElements) where T : Module
    {
        var outer = t_elementsLeft;
        t_elementsLeft = maxElements;
        try
        {
            return Create(build);
        }
        finally
        {
            t_elementsLeft = outer;
        }
    }

    /// <summary>Each layer calls this before it allocates a tensor of this shape.</summary>
    internal static void Reserve(params ReadOnlySpan<long> shape)
    {
        foreach (var size in shape)
            if (size < 1) throw new ArgumentException(
                $"A layer's sizes must be at least 1; they are {Text(shape)}.", nameof(shape));
        var left = t_elementsLeft ?? MostElements;

        // by division, since the product of the sizes may overflow
        foreach (var size in shape)
        {
            left /= size;
            if (left == 0) throw new InvalidDataException(
                $"A layer of {Text(shape)} is larger than all its network may be.");
        }
        if (t_elementsLeft is null) return;

        var elements = 1L;
        foreach (var size in shape) elements *= size;
        t_elementsLeft -= elements;

        static string Text(ReadOnlySpan<long> shape) => Shape.Text(shape.ToArray());
    }
}
