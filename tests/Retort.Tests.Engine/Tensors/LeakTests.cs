using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Tensors;

public sealed class LeakTests
{
    /// <summary>
    /// A leak shows in every round. The runtime recompiles hot code on a thread of its own: on a busy machine that may
    /// come late and fall into one round, but hardly into all.
    /// </summary>
    const int Rounds = 4;

    [Theory]
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    public void Ten_thousand_steps_leave_no_tensor_and_no_memory_behind(OptimizerImplementation implementation)
    {
        manual_seed(1);
        var threads = get_num_threads();
        set_num_threads(1);                             // the operators are tiny: a second thread would only wait
        var network = ModuleFactory.Create(() => new TwoLayers());
        var parameters = network.named_parameters().Select(pair => (pair.name, pair.parameter));
        using var optimizer = new Sgd(parameters, 0.9, nesterov: true, implementation: implementation);
        var x = rand(8, 6).DetachFromDisposeScope();
        var y = zeros(8, dtype: ScalarType.Int64).DetachFromDisposeScope();

        TakeSteps(12_000);                                                  // caches are filled, hot code is recompiled
        var growths = new List<double>();
        do growths.Add(Growth(() => TakeSteps(10_000)));
        while (growths[^1] > 0.01 && growths.Count < Rounds);
        Assert.True(
            growths[^1] <= 0.01,
            $"Memory grew in each of {Rounds} rounds of 10,000 steps: "
            + $"{string.Join(", ", growths.Select(growth => $"{growth:P2}"))}.");
        set_num_threads(threads);
        network.Dispose();
        x.Dispose();
        y.Dispose();

        void TakeSteps(int count)
        {
            for (var step = 0; step < count; step++)
            {
                using var scope = NewDisposeScope();
                optimizer.ZeroGrad();
                nn.functional.cross_entropy(network.Forward(x), y).backward();
                optimizer.Step(0.01, maxNorm: 1);
            }
        }
    }

    /// <summary>The share by which memory grows. The number of live tensors must stay the same.</summary>
    static double Growth(Action steps)
    {
        var (tensors, bytes) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, ResidentBytes());
        steps();
        Assert.Equal(tensors, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        return ResidentBytes() / (double)bytes - 1;
    }

    /// <summary>
    /// Bytes in memory after a collection. Dead tensor wrappers take 0.7 kB per step until the runtime collects them;
    /// tensors that only a finalizer would free have failed the count of live tensors before. Where the system tells
    /// them apart, pages of files are left out: the system drops and reads them as it likes.
    /// </summary>
    static long ResidentBytes()
    {
#pragma warning disable RS0030 // the one place that measures what a collection leaves
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
#pragma warning restore RS0030
        const string Status = "/proc/self/status";
        const string Anonymous = "RssAnon:";
        if (File.Exists(Status)
            && File.ReadLines(Status).FirstOrDefault(IsAnonymous) is { } line)
        {
            var kilobytes = line[Anonymous.Length..].Replace("kB", "", StringComparison.Ordinal);
            return 1024 * long.Parse(kilobytes, CultureInfo.InvariantCulture);
        }
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;

        static bool IsAnonymous(string line) => line.StartsWith(Anonymous, StringComparison.Ordinal);
    }

    sealed class TwoLayers : Module
    {
        readonly Retort.Tensors.Linear first = new(6, 8);
        readonly Retort.Tensors.Linear second = new(8, 4);

        public TwoLayers() : base(nameof(TwoLayers)) => RegisterComponents();

        public Tensor Forward(Tensor x) => second.call(first.call(x).relu());
    }
}
