using System.Runtime.InteropServices;

namespace Retort.Tensors.Native;

/// <summary>Reads the version of a libtorch that is being loaded.</summary>
static unsafe class LibraryVersion
{
    /// <summary>The version of a loaded libtorch_cpu; null if it is too old to tell, or another library.</summary>
    public static Version? Of(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out var address)) return null;

        var version = ((delegate* unmanaged<ulong>)address)();              // one byte each, from the highest
        return new((int)(version >> 56), (int)(version >> 48 & 0xff), (int)(version >> 40 & 0xff));
    }
}
