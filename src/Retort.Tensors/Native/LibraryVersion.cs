using System.Runtime.InteropServices;

namespace Retort.Tensors.Native;

/// <summary>What a library says of itself, asked while it is being loaded.</summary>
static unsafe class LibraryVersion
{
    /// <summary>The version that a libtorch_cpu says it has; null where it is too old (or something else) to say.</summary>
    public static Version? Of(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out var address)) return null;
        var word = ((delegate* unmanaged<ulong>)address)();
        return new((int)(word >> 56), (int)(word >> 48 & 0xff), (int)(word >> 40 & 0xff));
    }
}
