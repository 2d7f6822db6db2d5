using MathNet.Numerics.Statistics;
using Retort.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>How long a network takes for one example.</summary>
public static class Latency
{
    const int WarmUp = 50;
    const int Samples = 200;

    /// <summary>
    /// Times the eager forward of the first example, one thread, after warm-up, in the network's own memory format and
    /// contiguous, and keeps the faster: which one that is for a single example, no rule tells. Large networks stop warming
    /// up after one second, and measuring after four, with at least 20 samples.
    /// </summary>
    /// <remarks>Lays the network's weights out anew.</remarks>
    public static LatencySamples Of(Network network, OutputKey output, IDataSplit data, TimeProvider clock)
    {
        var threads = get_num_threads();
        set_num_threads(1);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var prepared = new HostBatch();
        data.Load([0], View.Plain, prepared);
        var inputs = prepared.ToBatch().Inputs;
        network.eval();
        var fastest = ((MemoryFormat[])[MemoryFormat.Contiguous, network.PreferredFormat]).Distinct().Select(In).MinBy(times => times.Median())!;
        set_num_threads(threads);
        return new("TorchSharp, eager forward in the faster memory format", Batch: 1, Threads: 1, fastest);

        List<double> In(MemoryFormat format)
        {
            network.ToMemoryFormat(format);
            Timed(network, output, inputs, clock, WarmUp, seconds: 1);
            return Timed(network, output, inputs, clock, Samples, seconds: 4);
        }
    }

    static List<double> Timed(Network network, OutputKey output, Inputs inputs, TimeProvider clock, int count, double seconds)
    {
        var began = clock.GetTimestamp();
        var milliseconds = new List<double>(count);
        while (milliseconds.Count < count && (milliseconds.Count < 20 || clock.GetElapsedTime(began).TotalSeconds < seconds))
        {
            using var scope = NewDisposeScope();
            var since = clock.GetTimestamp();
            network.Forward(inputs, output);
            milliseconds.Add(clock.GetElapsedTime(since).TotalMilliseconds);
        }
        return milliseconds;
    }
}
