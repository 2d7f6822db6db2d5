using System.Runtime.InteropServices;

namespace Retort.Cli;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation token. The first signal asks for an orderly end, however long saving takes; the
/// second one ends the process as by default.
/// </summary>
sealed class Interrupt : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly PosixSignalRegistration[] _registrations;

    /// <param name="listen">Whether signals are handled here at all.</param>
    public Interrupt(bool listen)
    {
        PosixSignal[] signals = listen ? [PosixSignal.SIGINT, PosixSignal.SIGTERM] : [];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The exit code after a signal: 128 plus the signal's number.</summary>
    public int Code { get; private set; } = 130;

    void Handle(PosixSignalContext context)
    {
        if (_stop.IsCancellationRequested) return;           // the second signal: the system's default

        context.Cancel = true;
        Code = context.Signal == PosixSignal.SIGTERM ? 143 : 130;
        _ = Task.Run(_stop.Cancel);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }
}
