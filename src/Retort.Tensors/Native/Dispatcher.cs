using System.Runtime.InteropServices;
using System.Text;

namespace Retort.Tensors.Native;

/// <summary>
/// Calls operators of libtorch that TorchSharp does not wrap, through libtorch's stable C interface (2.10). No other
/// file uses that interface.
/// </summary>
/// <remarks>
/// An operator takes a stack of 8-byte values in the order of its schema: numbers by their bits, tensors and lists as
/// handles that the call then owns, 0 for an optional argument that is left out. A handle is a pointer to a C++ tensor,
/// the same as <c>Tensor.Handle</c>; the copy made for the stack shares the tensor and counts a reference.
/// </remarks>
static unsafe class Dispatcher
{
    const ulong AbiVersion = (2UL << 56) | (10UL << 48);                    // libtorch 2.10

    static readonly delegate* unmanaged<byte*, byte*, ulong*, ulong, int> s_call;
    static readonly delegate* unmanaged[SuppressGCTransition]<nuint, nint*, int> s_newList;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, ulong, int> s_push;
    static readonly delegate* unmanaged[SuppressGCTransition]<nint, nint*, int> s_newHandle;
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

    /// <summary>Whether this libtorch has the interface. Without it TorchSharp's own operators must be used.</summary>
    public static bool IsAvailable { get; }

    // The loader must not use this class: its static constructor needs the loaded libraries.
    static Dispatcher()
    {
        var cpu = NativeLoader.Handle("torch_cpu");
        var shim = NativeLoader.Handle("LibTorchSharp");
        var complete = cpu != 0 && shim != 0;

        s_call = (delegate* unmanaged<byte*, byte*, ulong*, ulong, int>)Export(cpu, "torch_call_dispatcher");
        s_newList = (delegate* unmanaged[SuppressGCTransition]<nuint, nint*, int>)
            Export(cpu, "torch_new_list_reserve_size");
        s_push = (delegate* unmanaged[SuppressGCTransition]<nint, ulong, int>)Export(cpu, "torch_list_push_back");
        s_newHandle = (delegate* unmanaged[SuppressGCTransition]<nint, nint*, int>)
            Export(cpu, "aoti_torch_new_tensor_handle");
        s_delete = (delegate* unmanaged<nint, int>)Export(cpu, "aoti_torch_delete_tensor_object");
        s_data = (delegate* unmanaged[SuppressGCTransition]<nint, void**, int>)Export(cpu, "aoti_torch_get_data_ptr");
        s_strides = (delegate* unmanaged[SuppressGCTransition]<nint, long**, int>)Export(cpu, "aoti_torch_get_strides");
        s_sizes = (delegate* unmanaged[SuppressGCTransition]<nint, long**, int>)Export(cpu, "aoti_torch_get_sizes");
        s_rank = (delegate* unmanaged[SuppressGCTransition]<nint, long*, int>)Export(cpu, "aoti_torch_get_dim");
        s_numel = (delegate* unmanaged[SuppressGCTransition]<nint, long*, int>)Export(cpu, "aoti_torch_get_numel");
        s_type = (delegate* unmanaged[SuppressGCTransition]<nint, int*, int>)Export(cpu, "aoti_torch_get_dtype");
        s_device = (delegate* unmanaged[SuppressGCTransition]<nint, int*, int>)
            Export(cpu, "aoti_torch_get_device_type");
        s_gradient = (delegate* unmanaged[SuppressGCTransition]<nint, nint>)Export(shim, "THSTensor_grad");
        s_setGradient = (delegate* unmanaged<nint, nint, void>)Export(shim, "THSTensor_set_grad");
        IsAvailable = complete;

        nint Export(nint library, string name)
        {
            if (complete && NativeLibrary.TryGetExport(library, name, out var address)) return address;
            complete = false;
            return 0;
        }
    }

    /// <summary>Calls an operator that returns nothing. The call takes over the handles in the stack.</summary>
    /// <param name="name">As in the schema, ending in a zero byte, which a UTF-8 literal has.</param>
    /// <param name="overload">The part of the schema's name after the dot; empty for none.</param>
    /// <param name="stack">The arguments in the schema's order.</param>
    public static void Call(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, params ReadOnlySpan<ulong> stack)
    {
        int code;
        fixed (byte* n = name, o = overload)
        fixed (ulong* s = stack)
        {
            byte none = 0;
            code = s_call(n, overload.IsEmpty ? &none : o, s, AbiVersion);
        }
        if (code != 0) throw new InvalidOperationException(
            $"libtorch refused {Encoding.UTF8.GetString(name)}; its own message is on the error stream.");
    }

    /// <summary>A number as a stack value.</summary>
    public static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);

    /// <summary>A list of tensors as a stack value. The tensors stay the caller's too.</summary>
    public static ulong ListOfShared(ReadOnlySpan<nint> handles)
    {
        var list = NewList(handles.Length);
        foreach (var handle in handles) s_push(list, (ulong)NewHandle(handle));
        return (ulong)list;
    }

    /// <summary>A list as a stack value that takes over the caller's handles.</summary>
    public static ulong ListOfOwned(ReadOnlySpan<nint> handles)
    {
        var list = NewList(handles.Length);
        foreach (var handle in handles) s_push(list, (ulong)handle);
        return (ulong)list;
    }

    /// <summary>A handle to a parameter's gradient, for the caller to delete; 0 if it has none.</summary>
    public static nint Gradient(nint parameter) => s_gradient(parameter);

    /// <summary>Removes a parameter's gradient.</summary>
    public static void ClearGradient(nint parameter) => s_setGradient(parameter, 0);

    /// <summary>Deletes a handle from <see cref="Gradient"/>.</summary>
    public static void Delete(nint handle) => s_delete(handle);

    /// <summary>
    /// The elements of a dense float32 tensor on the CPU, in memory order. Valid while the tensor lives.
    /// </summary>
    public static Span<float> Data(nint handle)
    {
        void* data;
        long count;
        if (s_data(handle, &data) != 0 || s_numel(handle, &count) != 0)
            throw new InvalidOperationException("libtorch did not return the address of a tensor.");
        return new(data, checked((int)count));
    }

    /// <summary>Address of a tensor's first element, for tensors that are too large for a span.</summary>
    public static void* Address(Tensor tensor)
    {
        void* data;
        if (IsAvailable && s_data(tensor.Handle, &data) == 0) return data;
        fixed (byte* first = tensor.bytes) return first;                    // native memory: it does not move
    }

    /// <summary>Whether two tensors have the same type, device, shape and memory order.</summary>
    public static bool HaveSameLayout(nint first, nint second)
    {
        int a, b;
        if (s_type(first, &a) != 0 || s_type(second, &b) != 0 || a != b) return false;
        if (s_device(first, &a) != 0 || s_device(second, &b) != 0 || a != b) return false;

        long rank, otherRank;
        if (s_rank(first, &rank) != 0 || s_rank(second, &otherRank) != 0 || rank != otherRank) return false;

        long* sizes, otherSizes, strides, otherStrides;
        if (s_sizes(first, &sizes) != 0 || s_sizes(second, &otherSizes) != 0) return false;
        if (s_strides(first, &strides) != 0 || s_strides(second, &otherStrides) != 0) return false;
        for (var i = 0; i < rank; i++)
            if (sizes[i] != otherSizes[i] || sizes[i] > 1 && strides[i] != otherStrides[i]) return false;
        return true;
    }

    static nint NewList(int size)
    {
        nint list;
        return s_newList((nuint)size, &list) == 0
            ? list : throw new InvalidOperationException("libtorch did not create a list.");
    }

    static nint NewHandle(nint handle)
    {
        nint shared;
        return s_newHandle(handle, &shared) == 0
            ? shared : throw new InvalidOperationException("libtorch did not create a handle.");
    }
}
