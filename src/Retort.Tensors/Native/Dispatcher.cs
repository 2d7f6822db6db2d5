using System.Runtime.InteropServices;

namespace Retort.Tensors.Native;

/// <summary>
/// Operators of libtorch that TorchSharp has no name for, through libtorch's stable C interface (2.10). The only file
/// that calls them directly.
/// </summary>
/// <remarks>
/// An operator takes a stack of 8-byte values in the order of its schema: numbers by their bits, tensors and lists as
/// handles that the call then owns, 0 for an optional one that is left out. A handle is a pointer to a C++ tensor, the
/// same as <c>Tensor.Handle</c>; the copy made for the stack shares the tensor and counts a reference.
/// </remarks>
static unsafe class Dispatcher
{
    const ulong BuiltFor = (2UL << 56) | (10UL << 48);       // libtorch 2.10

    static readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> s_call;
    static readonly delegate* unmanaged[SuppressGCTransition]<nuint, nint*, int> s_newList;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, ulong, int> s_push;
    static readonly delegate* unmanaged<nint, int> s_deleteList;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, nint*, int> s_share;
    static readonly delegate* unmanaged<nint, int> s_delete;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, void**, int> s_data;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, long**, int> s_strides;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, long**, int> s_sizes;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, long*, int> s_rank;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, long*, int> s_numel;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, int*, int> s_type;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, int*, int> s_device;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, nint> s_gradient;
    static readonly delegate* unmanaged<nint, nint, void> s_setGradient;

    /// <summary>Whether this libtorch has the interface; without it TorchSharp's own operators do the work.</summary>
    public static bool IsAvailable { get; }

    static Dispatcher()     // by then the libraries are in: LibraryVersion is asked earlier
    {
        var (cpu, shim) = (NativeLoader.Handle("torch_cpu"), NativeLoader.Handle("LibTorchSharp"));
        var complete = cpu != 0 && shim != 0;
        nint Export(nint library, string name)
        {
            if (complete && NativeLibrary.TryGetExport(library, name, out var address)) return address;
            complete = false;
            return 0;
        }
        s_call = (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)Export(cpu, "torch_call_dispatcher");
        s_newList = (delegate* unmanaged[SuppressGCTransition]<nuint, nint*, int>)Export(cpu, "torch_new_list_reserve_size");
        s_push = (delegate* unmanaged[SuppressGCTransition]<nint, ulong, int>)Export(cpu, "torch_list_push_back");
        s_deleteList = (delegate* unmanaged<nint, int>)Export(cpu, "torch_delete_list");
        s_share = (delegate* unmanaged[SuppressGCTransition]<nint, nint*, int>)Export(cpu, "aoti_torch_new_tensor_handle");
        s_delete = (delegate* unmanaged<nint, int>)Export(cpu, "aoti_torch_delete_tensor_object");
        s_data = (delegate* unmanaged[SuppressGCTransition]<nint, void**, int>)Export(cpu, "aoti_torch_get_data_ptr");
        s_strides = (delegate* unmanaged[SuppressGCTransition]<nint, long**, int>)Export(cpu, "aoti_torch_get_strides");
        s_sizes = (delegate* unmanaged[SuppressGCTransition]<nint, long**, int>)Export(cpu, "aoti_torch_get_sizes");
        s_rank = (delegate* unmanaged[SuppressGCTransition]<nint, long*, int>)Export(cpu, "aoti_torch_get_dim");
        s_numel = (delegate* unmanaged[SuppressGCTransition]<nint, long*, int>)Export(cpu, "aoti_torch_get_numel");
        s_type = (delegate* unmanaged[SuppressGCTransition]<nint, int*, int>)Export(cpu, "aoti_torch_get_dtype");
        s_device = (delegate* unmanaged[SuppressGCTransition]<nint, int*, int>)Export(cpu, "aoti_torch_get_device_type");
        s_gradient = (delegate* unmanaged[SuppressGCTransition]<nint, nint>)Export(shim, "THSTensor_grad");
        s_setGradient = (delegate* unmanaged<nint, nint, void>)Export(shim, "THSTensor_set_grad");
        IsAvailable = complete;
    }

    /// <summary>Calls an operator that hands nothing out. The stack's handles are gone afterwards.</summary>
    /// <param name="name">As in the schema and ending in a zero byte, which a UTF-8 literal has.</param>
    /// <param name="overload">The part of the schema's name after the point; empty for none.</param>
    /// <param name="stack">The arguments in the schema's order.</param>
    public static void Call(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, params ReadOnlySpan<ulong> stack)
    {
        int code;
        fixed (byte* n = name, o = overload)
        fixed (ulong* s = stack)
        {
            byte none = 0;
            code = s_call(n, overload.IsEmpty ? &none : o, s, BuiltFor);
        }
        if (code != 0) throw new InvalidOperationException($"libtorch refused {System.Text.Encoding.UTF8.GetString(name)}; its own message stands on the error stream.");
    }

    /// <summary>A number by its bits.</summary>
    public static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);

    /// <summary>A list of tensors for the stack, each counted once more.</summary>
    public static ulong Shared(ReadOnlySpan<nint> handles)
    {
        var list = NewList(handles.Length);
        foreach (var handle in handles) s_push(list, (ulong)Share(handle));
        return (ulong)list;
    }

    /// <summary>A list of handles that are already the caller's own to give away.</summary>
    public static ulong Given(ReadOnlySpan<nint> handles)
    {
        var list = NewList(handles.Length);
        foreach (var handle in handles) s_push(list, (ulong)handle);
        return (ulong)list;
    }

    /// <summary>The gradient of a parameter as a handle of the caller's own, 0 where it has none.</summary>
    public static nint Gradient(nint parameter) => s_gradient(parameter);

    /// <summary>Forgets a parameter's gradient.</summary>
    public static void ClearGradient(nint parameter) => s_setGradient(parameter, 0);

    /// <summary>Lets go of a handle that <see cref="Gradient"/> gave.</summary>
    public static void Delete(nint handle) => s_delete(handle);

    /// <summary>The numbers of a dense float32 tensor on the CPU, in the order they lie; valid while the tensor lives.</summary>
    public static Span<float> Numbers(nint handle)
    {
        void* data;
        long count;
        return s_data(handle, &data) == 0 && s_numel(handle, &count) == 0
            ? new(data, checked((int)count)) : throw new InvalidOperationException("libtorch could not say where a tensor lies.");
    }

    /// <summary>Where a tensor's numbers begin, for those that a span is too short for.</summary>
    public static void* Address(Tensor tensor)
    {
        void* data;
        if (IsAvailable && s_data(tensor.Handle, &data) == 0) return data;
        fixed (byte* first = tensor.bytes) return first;        // native memory: it does not move
    }

    /// <summary>Whether two tensors have one type, device and shape, and their numbers in one order.</summary>
    public static bool AreAlike(nint first, nint second)
    {
        int a, b;
        if (s_type(first, &a) != 0 || s_type(second, &b) != 0 || a != b) return false;
        if (s_device(first, &a) != 0 || s_device(second, &b) != 0 || a != b) return false;
        long rank, other;
        if (s_rank(first, &rank) != 0 || s_rank(second, &other) != 0 || rank != other) return false;
        long* n, m, p, q;
        if (s_sizes(first, &n) != 0 || s_sizes(second, &m) != 0) return false;
        if (s_strides(first, &p) != 0 || s_strides(second, &q) != 0) return false;
        for (var i = 0; i < rank; i++)
            if (n[i] != m[i] || n[i] > 1 && p[i] != q[i]) return false;
        return true;
    }

    static nint NewList(int size)
    {
        nint list;
        return s_newList((nuint)size, &list) == 0 ? list : throw new InvalidOperationException("libtorch could not make a list.");
    }

    static nint Share(nint handle)
    {
        nint shared;
        return s_share(handle, &shared) == 0 ? shared : throw new InvalidOperationException("libtorch could not make a handle.");
    }
}
