using System.Diagnostics;
using System.Runtime.InteropServices;
using Retort.Cli.Display;
using Retort.Tensors.Files;

namespace Retort.Cli;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation token. The first Ctrl-C asks for an orderly end, however long that takes; the
/// second one ends the process at once. SIGTERM asks for an orderly end too, and ends the process where that takes
/// longer than a few seconds: whatever a library or a program of a teacher may be waiting for.
/// </summary>
sealed partial class Interrupt : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan PatienceWithFiles = TimeSpan.FromSeconds(8);  // while a checkpoint is being written

    readonly CancellationTokenSource _stop = new();
    readonly PosixSignalRegistration[] _registrations;
    readonly TextWriter _error;

    /// <param name="listen">Whether signals are handled here at all.</param>
    /// <param name="error">The error output.</param>
    public Interrupt(bool listen, TextWriter error)
    {
        _error = error;
        PosixSignal[] signals = listen ? [PosixSignal.SIGINT, PosixSignal.SIGTERM] : [];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The exit code after a signal: 128 plus the signal's number.</summary>
    public int Code { get; private set; } = 130;

    void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        var isFirst = !_stop.IsCancellationRequested;
        Code = context.Signal == PosixSignal.SIGTERM ? 143 : 130;
        if (isFirst) _ = Task.Run(_stop.Cancel);
        if (context.Signal == PosixSignal.SIGTERM) new Thread(EndAfterPatience) { IsBackground = true }.Start();
        else if (!isFirst) End();
    }

    void EndAfterPatience()
    {
        var start = Stopwatch.GetTimestamp();
        Thread.Sleep(Patience);
        while (AtomicFile.IsWriting && Stopwatch.GetElapsedTime(start) < PatienceWithFiles) Thread.Sleep(50);
        End();
    }

    // no destructor of a native library runs, which might wait for what does not end
    void End()
    {
        if (ProgressDisplay.IsTerminal(_error)) Console.Error.Write("\e[?25h");         // progress bars hide the cursor
        _error.WriteLine("Stopped in the middle of something; what was saved before is whole.");
        if (OperatingSystem.IsWindows()) Process.GetCurrentProcess().Kill();
        else Exit(Code);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }
}
