using System.Runtime.InteropServices;

namespace Retort.Cli;

/// <summary>
/// Ctrl-C and SIGTERM as a token: the first asks for an orderly end, however long saving takes; the second ends the
/// process as if nobody had listened.
/// </summary>
sealed class Interrupt : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly PosixSignalRegistration[] _heard;

    /// <param name="listen">Whether signals are heard at all.</param>
    public Interrupt(bool listen) =>
        _heard = !listen ? [] : [PosixSignalRegistration.Create(PosixSignal.SIGINT, On), PosixSignalRegistration.Create(PosixSignal.SIGTERM, On)];

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>What the process then answers: 128 and the signal's number.</summary>
    public int Code { get; private set; } = 130;

    void On(PosixSignalContext signal)
    {
        if (_stop.IsCancellationRequested) return;           // the second time: the system's own way
        signal.Cancel = true;
        Code = signal.Signal == PosixSignal.SIGTERM ? 143 : 130;
        _ = Task.Run(_stop.Cancel);
    }

    public void Dispose()
    {
        foreach (var registration in _heard) registration.Dispose();
        _stop.Dispose();
    }
}
