using System.Runtime.InteropServices;

namespace Retort.Tensors.Native;

/// <summary>
/// How long a thread of libtorch's OpenMP keeps its core busy while it waits for the others. Some milliseconds, as
/// libgomp does by itself, are enough to stop a busy machine: beside a compiler and another training, two threads on
/// two cores trained an encoder 30 times more slowly than with a short wait.
/// </summary>
static partial class OpenMpWait
{
    const string Rounds = "1000";                                           // some microseconds

    /// <summary>
    /// Makes the wait short, unless the environment says how long. libgomp reads it when it is loaded, so this comes
    /// before. Linux only: elsewhere libtorch has another OpenMP.
    /// </summary>
    public static void Shorten()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is not null) return;

        // .NET's own SetEnvironmentVariable does not reach native code; 0: a value that is there stays
        _ = Set("GOMP_SPINCOUNT", Rounds, 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(string name, string value, int replaces);
}
