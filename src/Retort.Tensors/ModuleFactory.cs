using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>A module built inside a scope dies with it, parameters and all; these words take it out.</summary>
public static class ModuleFactory
{
    /// <summary>Builds a module, frees what building left behind and hands the module out, owned by no scope.</summary>
    public static T Create<T>(Func<T> build) where T : Module
    {
        using var scope = NewDisposeScope();
        var module = build();
        foreach (var (_, parameter) in module.named_parameters()) parameter.DetachFromDisposeScope();
        foreach (var (_, buffer) in module.named_buffers()) buffer.DetachFromDisposeScope();
        return module;
    }

    [ThreadStatic]
    static long? s_left;                                                   // numbers that layers may still have

    /// <summary>The same, where what is built follows from a file: its layers may have no more numbers than that, all together.</summary>
    /// <exception cref="InvalidDataException">A layer would have more; it is not made.</exception>
    public static T Create<T>(Func<T> build, long most) where T : Module
    {
        var outside = s_left;
        s_left = most;
        try { return Create(build); }
        finally { s_left = outside; }
    }

    /// <summary>Asked by every layer before it makes a tensor of its own.</summary>
    internal static void Take(params ReadOnlySpan<long> shape)
    {
        foreach (var size in shape)
            if (size < 1) throw new ArgumentException($"A layer's sizes must be at least 1; they are [{string.Join(", ", shape.ToArray())}].", nameof(shape));
        if (s_left is not { } left) return;
        foreach (var size in shape)
            if ((left /= size) == 0) throw new InvalidDataException($"A layer of [{string.Join(", ", shape.ToArray())}] is larger than all its network may be.");
        var numbers = 1L;
        foreach (var size in shape) numbers *= size;
        s_left -= numbers;
    }
}
