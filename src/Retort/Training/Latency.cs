using MathNet.Numerics.Statistics;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Measures how long a network takes for one example.</summary>
public static class Latency
{
    const int WarmUpCalls = 50;
    const int Samples = 200;
    const int MinSamples = 20;

    /// <summary>
    /// Times the eager forward of the first example on one thread, after warm-up, in the network's preferred memory
    /// format and in the contiguous one, and returns the faster: for a single example no rule tells which one it is.
    /// For large networks the warm-up ends after one second and the measurement after four, with at least 20 calls.
    /// </summary>
    /// <remarks>Changes the memory format of the network's weights.</remarks>
    public static LatencySamples Of(Network network, OutputKey output, IDataSplit data, TimeProvider clock)
    {
        var threads = get_num_threads();
        set_num_threads(1);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var batch = new HostBatch();
        data.Load([0], View.Plain, batch);
        var inputs = batch.ToBatch().Inputs;
        network.eval();
        MemoryFormat[] formats = [MemoryFormat.Contiguous, network.PreferredFormat];
        var fastest = formats.Distinct().Select(Measure).MinBy(times => times.Median())!;
        set_num_threads(threads);
        return new("TorchSharp, eager forward in the faster memory format", Batch: 1, Threads: 1, fastest);

        List<double> Measure(MemoryFormat format)
        {
            network.ToMemoryFormat(format);
            Times(WarmUpCalls, seconds: 1);
            return Times(Samples, seconds: 4);
        }

        List<double> Times(int count, double seconds)
        {
            var start = clock.GetTimestamp();
            var milliseconds = new List<double>(count);
            while (milliseconds.Count < count
                && (milliseconds.Count < MinSamples || clock.GetElapsedTime(start).TotalSeconds < seconds))
            {
                using var inner = NewDisposeScope();
                var since = clock.GetTimestamp();
                network.Forward(inputs, output);
                milliseconds.Add(clock.GetElapsedTime(since).TotalMilliseconds);
            }
            return milliseconds;
        }
    }
}
