using System.Runtime.InteropServices;
using System.Text;

namespace Retort.Cli.Display;

/// <summary>The program's output and error output as it was started with them.</summary>
static partial class StandardStreams
{
    /// <summary>The output; nothing is written where the program was started with it closed.</summary>
    public static TextWriter Output => IsOpen(1) ? Console.Out : TextWriter.Null;

    /// <summary>
    /// The error output. What cannot be written, on a full disk or to a terminal that is gone, is left out: a message
    /// that fails must not end a run.
    /// </summary>
    public static TextWriter Error => IsOpen(2) ? new TolerantWriter(Console.Error) : TextWriter.Null;

    /// <summary>
    /// Whether a descriptor was open at the start. .NET opens pipes of its own under the numbers of closed ones; these
    /// are not inherited by other programs (FD_CLOEXEC), as those that a program is started with always are.
    /// </summary>
    static bool IsOpen(int descriptor)
    {
        const int GetFlags = 1;                                             // F_GETFD
        const int CloseOnExec = 1;                                          // FD_CLOEXEC
        return OperatingSystem.IsWindows() || Control(descriptor, GetFlags) is >= 0 and var flags
            && (flags & CloseOnExec) == 0;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    sealed class TolerantWriter(TextWriter inner) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Try(() => inner.Write(value));

        public override void Write(string? value) => Try(() => inner.Write(value));

        public override void Write(char[] buffer, int index, int count) =>
            Try(() => inner.Write(buffer, index, count));

        public override void Flush() => Try(inner.Flush);

        static void Try(Action write)
        {
            try
            {
                write();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
            }
        }
    }
}
