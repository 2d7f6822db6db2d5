using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Retort;

/// <summary>
/// Keeps a null reference an exception on threads that compute with AMX. On Linux .NET turns a fault into a
/// NullReferenceException on a signal stack of 16 KiB. Once a thread has used AMX, the kernel saves 8 KiB of tile
/// registers there first, and what is left is too small for .NET: the fault ends the process (seen with .NET 10.0.12
/// after bfloat16 products of oneDNN and 8-bit products of ONNX Runtime).
/// </summary>
/// <remarks>
/// Retort.Tensors and Retort.Runtime both compute and do not reference each other, so this file is compiled into each
/// of them.
/// </remarks>
static partial class SignalStack
{
    const int Size = 128 << 10;

    static readonly bool s_hasAmx = OperatingSystem.IsLinux() && X86Base.X64.IsSupported
        && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Edx & 1 << 24) != 0;    // CPUID 7.0 EDX: AMX-TILE

    [ThreadStatic] static bool t_done;

    /// <summary>
    /// Gives this thread a signal stack that is large enough, where the processor has AMX. Call it on a thread before
    /// it computes; further calls on the same thread do nothing.
    /// </summary>
    public static void Ensure()
    {
        if (!s_hasAmx || t_done) return;

        t_done = true;
        if (Read(0, out var old) != 0 || old.Flags != 0 || old.Size >= Size) return;

        const int ReadWrite = 3;
        const int PrivateAnonymousStack = 0x20022;
        var address = Map(0, Size, ReadWrite, PrivateAnonymousStack, -1, 0);
        if (address == -1) return;

        _ = Protect(address, Environment.SystemPageSize, 0);                // a guard page, as .NET's own stack has
        var stack = new Stack { Address = address, Size = Size };
        var unused = Set(stack, 0) == 0 ? old : stack;                      // .NET unmaps the other with the thread
        _ = Unmap(unused.Address, unused.Size);
    }

    struct Stack                                                            // stack_t
    {
        public nint Address;
        public int Flags;
        public nint Size;
    }

    [LibraryImport("libc", EntryPoint = "sigaltstack")]
    private static partial int Read(nint none, out Stack stack);

    [LibraryImport("libc", EntryPoint = "sigaltstack")]
    private static partial int Set(in Stack stack, nint none);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint size, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nint size, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint size);
}
