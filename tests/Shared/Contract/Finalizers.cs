using System.Diagnostics;

namespace Retort.Tests.Contract;

/// <summary>Computes a value again and again while another thread makes the finalizers run.</summary>
static class Finalizers
{
    /// <summary>The different results; there is one, unless a finalizer frees what a call still reads.</summary>
    /// <param name="times">How often the value is computed; fewer, but at least 100, if that takes 10 seconds.</param>
    /// <param name="value">Gives a tensor of one number.</param>
    public static HashSet<float> Values(int times, Func<Tensor> value)
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            var found = new HashSet<float>();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < times && (i < 100 || Stopwatch.GetElapsedTime(start).TotalSeconds < 10); i++)
            {
                using var step = torch.NewDisposeScope();
                found.Add(value().ToSingle());
            }
            return found;
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }
}
