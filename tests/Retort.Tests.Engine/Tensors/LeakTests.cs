using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Retort.Tests.Tensors;

public sealed class LeakTests
{
    [Theory]
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    public void Ten_thousand_steps_leave_no_tensor_and_no_memory_behind(OptimizerImplementation path)
    {
        manual_seed(1);
        var threads = get_num_threads();
        set_num_threads(1);                                             // tiny operators: a second thread would only wait
        var layers = ModuleFactory.Create(() => new Two());
        using var optimizer = new Sgd(layers.named_parameters().Select(pair => (pair.name, pair.parameter)), 0.9, nesterov: true, path: path);
        var (x, y) = (rand(8, 6).DetachFromDisposeScope(), zeros(8, dtype: ScalarType.Int64).DetachFromDisposeScope());

        void Steps(int count)
        {
            for (var step = 0; step < count; step++)
            {
                using var scope = NewDisposeScope();
                optimizer.ZeroGrad();
                nn.functional.cross_entropy(layers.Forward(x), y).backward();
                optimizer.Step(0.01, clip: 1);
            }
        }

        Steps(12_000);                                                  // what is made once is made: caches, code compiled again when hot
        var growths = new List<double>();
        do growths.Add(Growth(() => Steps(10_000)));
        while (growths[^1] > 0.01 && growths.Count < Rounds);
        Assert.True(growths[^1] <= 0.01, $"Memory grew in each of {Rounds} rounds of 10,000 steps: {string.Join(", ", growths.Select(growth => $"{growth:P2}"))}.");
        set_num_threads(threads);
        layers.Dispose();
        x.Dispose();
        y.Dispose();
    }

    /// <summary>
    /// What a step leaves behind it leaves in every round. The runtime compiles hot code again on a thread of its own: on a
    /// busy machine that comes late and falls into one round, hardly into all.
    /// </summary>
    const int Rounds = 4;

    /// <summary>The share by which memory is larger afterwards; tensors are counted too.</summary>
    static double Growth(Action steps)
    {
        var (live, before) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, Resident());
        steps();
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        return Resident() / (double)before - 1;
    }

    /// <summary>
    /// Bytes in memory once the dead wrappers of tensors are collected: they take 0.7 kB a step until the runtime finds it
    /// worth while. Tensors were counted before, so one that only a finalizer would free has failed already. Pages of
    /// files are left out where the system tells them apart: it drops them and reads them again as it likes.
    /// </summary>
    static long Resident()
    {
#pragma warning disable RS0030 // the one place that looks at what collecting leaves
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
#pragma warning restore RS0030
        const string Status = "/proc/self/status", Own = "RssAnon:";
        var line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Own, StringComparison.Ordinal)) : null;
        if (line is not null) return 1024 * long.Parse(line[Own.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    sealed class Two : Module
    {
        readonly Retort.Tensors.Linear first = new(6, 8);
        readonly Retort.Tensors.Linear second = new(8, 4);

        public Two() : base(nameof(Two)) => RegisterComponents();

        public Tensor Forward(Tensor x) => second.call(first.call(x).relu());
    }
}
