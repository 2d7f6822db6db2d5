using static TorchSharp.torch;
using Adam = Retort.Tensors.Adam;
using BatchNorm2d = Retort.Tensors.BatchNorm2d;
using Parameter = TorchSharp.Modules.Parameter;

namespace Retort.Tests.Tensors;

public sealed class OptimizerTests : IDisposable
{
    readonly int _threads = get_num_threads();

    /// <summary>One thread: the fused operators start a parallel region a tensor, which a busy machine answers late.</summary>
    public OptimizerTests() => set_num_threads(1);

    public void Dispose() => set_num_threads(_threads);

    /// <summary>Weights of a convolution (contiguous or channels-last), a matrix longer than one chunk of the loop, a bias.</summary>
    static List<(string Name, Parameter Parameter)> Weights(bool channelsLast = false, ScalarType type = ScalarType.Float32)
    {
        manual_seed(7);
        var kernel = randn(8, 4, 3, 3).to(type);
        if (channelsLast) kernel = kernel.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        return [("kernel", new Parameter(kernel)), ("matrix", new Parameter(randn(65, 67).to(type))), ("bias", new Parameter(randn(5).to(type)))];
    }

    /// <summary>The gradient of a curved loss that couples nothing, through autograd, so that its layout is autograd's.</summary>
    static void Differentiate(List<(string Name, Parameter Parameter)> weights)
    {
        using var scope = NewDisposeScope();
        var loss = zeros([]);
        foreach (var (_, parameter) in weights) loss = loss + (parameter.sin() + 0.1 * parameter * parameter).sum().to(ScalarType.Float32);
        loss.backward();
    }

    static float[] After(int steps, List<(string Name, Parameter Parameter)> weights, Optimizer optimizer, double clip)
    {
        using (optimizer)
            for (var step = 0; step < steps; step++)
            {
                optimizer.ZeroGrad();
                Differentiate(weights);
                optimizer.Step(0.05 / (1 + step), clip);
            }
        return [.. weights.SelectMany(part => part.Parameter.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray())];
    }

    static Optimizer Make(string name, IEnumerable<(string, Parameter)> weights, OptimizerImplementation path) => name switch
    {
        "sgd" => new Sgd(weights, 0, weightDecay: 1e-2, path: path),
        "momentum" => new Sgd(weights, 0.9, weightDecay: 1e-2, path: path),
        "nesterov" => new Sgd(weights, 0.9, nesterov: true, weightDecay: 1e-2, path: path),
        "adam" => new Adam(weights, new(WeightDecay: 1e-2), path: path),
        _ => new Adam(weights, new(WeightDecay: 1e-1), decoupled: true, path: path),
    };

    static double Distance(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();

    public static TheoryData<string, OptimizerImplementation, bool, double> Paths()
    {
        var data = new TheoryData<string, OptimizerImplementation, bool, double>();
        foreach (var name in new[] { "sgd", "momentum", "nesterov", "adam", "adamw" })
            foreach (var path in new[] { OptimizerImplementation.Loop, OptimizerImplementation.Fused })
            {
                data.Add(name, path, false, 0);
                data.Add(name, path, true, 2);
            }
        return data;
    }

    [Theory] // 20 steps; weights of size 1, of which each step may round the last of 24 bits: 20 · 6e-8, and some
    [MemberData(nameof(Paths))]
    public void Every_path_goes_where_the_plain_operators_go(string name, OptimizerImplementation path, bool channelsLast, double clip)
    {
        using var scope = NewDisposeScope();
        var (plain, fast) = (Weights(), Weights(channelsLast));
        var optimizer = Make(name, fast, path);
        Assert.Equal(path, ((FusedOptimizer)optimizer).Implementation);
        var kernel = fast[0].Parameter.stride();
        var difference = Distance(After(20, plain, Make(name, plain, OptimizerImplementation.Plain), clip), After(20, fast, optimizer, clip));
        Assert.InRange(difference, 0, 5e-6);
        Assert.Equal(kernel, fast[0].Parameter.stride());
    }

    [Theory]
    [InlineData("momentum")]
    [InlineData("nesterov")]
    [InlineData("adam")]
    [InlineData("adamw")]
    public void Steps_are_those_of_TorchSharps_own_optimizers(string name)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Weights(), Weights());
        var list = theirs.Select(part => part.Parameter).ToList();
        optim.Optimizer reference = name switch
        {
            "adam" => optim.Adam(list, 0.05, 0.9, 0.999, 1e-8, 1e-2),
            "adamw" => optim.AdamW(list, 0.05, 0.9, 0.999, 1e-8, 1e-1),
            _ => optim.SGD(list, 0.05, 0.9, 0, 1e-2, name == "nesterov"),
        };
        using var optimizer = Make(name, ours, OptimizerImplementation.Loop);
        for (var step = 0; step < 20; step++)
        {
            optimizer.ZeroGrad();
            Differentiate(ours);
            optimizer.Step(0.05);
            reference.zero_grad();
            Differentiate(theirs);
            reference.step();
        }
        foreach (var ((_, a), (_, b)) in ours.Zip(theirs)) Assert.InRange((a - b).abs().max().ToSingle(), 0, 1e-5f);
        reference.Dispose();
    }

    [Theory] // the fidelity study's worked step: w 1, gradients .5 then .2, η .05, μ .9, λ 1e-4:
    [InlineData(OptimizerImplementation.Loop)]     // g .5001, m .5001, w 1 − .05 (.5001 + .9 · .5001) = .9524905
    [InlineData(OptimizerImplementation.Fused)]    // g .20009525, m .65018525, w .9524905 − .05 (.20009525 + .9 · .65018525) = .9132274
    [InlineData(OptimizerImplementation.Plain)]
    public void Nesterovs_step_by_hand(OptimizerImplementation path)
    {
        using var scope = NewDisposeScope();
        var w = new Parameter(ones(1));
        using var optimizer = new Sgd([("w", w)], 0.9, nesterov: true, weightDecay: 1e-4, path: path);
        w.grad = full(1, 0.5f);
        optimizer.Step(0.05);
        Assert.Equal(0.9524905, w.ToDouble(), 1e-6);
        w.grad = full(1, 0.2f);
        optimizer.Step(0.05);
        Assert.Equal(0.9132274, w.ToDouble(), 1e-6);
    }

    [Theory] // by hand: Adam's first step is η g / (|g| + ε) whatever g; AdamW shrinks by 1 − η λ before it
    [InlineData(OptimizerImplementation.Loop, false, 0.9)]
    [InlineData(OptimizerImplementation.Fused, false, 0.9)]
    [InlineData(OptimizerImplementation.Plain, false, 0.9)]
    [InlineData(OptimizerImplementation.Loop, true, 0.85)]     // 1 · (1 − .1 · .5) − .1
    [InlineData(OptimizerImplementation.Fused, true, 0.85)]
    [InlineData(OptimizerImplementation.Plain, true, 0.85)]
    public void The_first_step_of_Adam_by_hand(OptimizerImplementation path, bool decoupled, double expected)
    {
        using var scope = NewDisposeScope();
        var w = new Parameter(ones(1));
        using var optimizer = new Adam([("w", w)], new(WeightDecay: decoupled ? 0.5 : 0), decoupled, path);
        w.grad = full(1, 3f);
        optimizer.Step(0.1);
        Assert.Equal(expected, w.ToDouble(), 1e-6);
    }

    [Theory] // by hand: |(3, 4)| = 5, shortened to 1: (.6, .8), as one gradient over both parameters
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    [InlineData(OptimizerImplementation.Plain)]
    public void Clipping_shortens_all_parameters_together(OptimizerImplementation path)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (new Parameter(zeros(1)), new Parameter(zeros(1)));
        using var optimizer = new Sgd([("a", a), ("b", b)], 0, path: path);
        (a.grad, b.grad) = (full(1, 3f), full(1, 4f));
        optimizer.Step(1, clip: 1);
        Assert.Equal((-0.6, -0.8), (a.ToDouble(), b.ToDouble()), Close);
        (a.grad, b.grad) = (full(1, 0.3f), full(1, 0.4f));      // already short: as it is
        optimizer.Step(1, clip: 1);
        Assert.Equal((-0.9, -1.2), (a.ToDouble(), b.ToDouble()), Close);
    }

    static bool Close((double, double) a, (double, double) b) => Math.Abs(a.Item1 - b.Item1) < 1e-5 && Math.Abs(a.Item2 - b.Item2) < 1e-5;

    [Theory]
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    [InlineData(OptimizerImplementation.Plain)]
    public void A_NaN_in_the_gradient_reaches_every_weight_through_clipping(OptimizerImplementation path)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (new Parameter(zeros(1)), new Parameter(zeros(1)));
        using var optimizer = new Sgd([("a", a), ("b", b)], 0, path: path);
        (a.grad, b.grad) = (full(1, float.NaN), full(1, 1f));
        optimizer.Step(1, clip: 1);
        Assert.True(float.IsNaN(b.ToSingle()));
    }

    [Theory]
    [InlineData("nesterov", OptimizerImplementation.Loop)]
    [InlineData("adamw", OptimizerImplementation.Loop)]
    [InlineData("adamw", OptimizerImplementation.Fused)]
    public void Going_on_from_the_saved_state_ends_with_the_same_weights(string name, OptimizerImplementation path)
    {
        using var scope = NewDisposeScope();
        var (whole, parted) = (Weights(), Weights());
        var expected = After(6, whole, Make(name, whole, path), 1);

        After(3, parted, Keep(Make(name, parted, path), out var saved), 1);
        var again = Weights();
        var second = Make(name, again, path);
        using (no_grad())
        {
            foreach (var ((_, from), (_, to)) in parted.Zip(again)) to.copy_(from);
            foreach (var (key, tensor) in second.State) tensor.copy_(saved[key]);
        }
        using (second)
            for (var step = 3; step < 6; step++)
            {
                second.ZeroGrad();
                Differentiate(again);
                second.Step(0.05 / (1 + step), 1);
            }
        Assert.Equal(expected, again.SelectMany(part => part.Parameter.detach().contiguous().data<float>().ToArray()));
    }

    /// <summary>Hands the optimizer's tensors on under an owner of their own: aliases outlive it.</summary>
    static Optimizer Keep(Optimizer optimizer, out Dictionary<string, Tensor> state)
    {
        state = optimizer.State.ToDictionary(pair => pair.Key, pair => pair.Value.alias());
        return optimizer;
    }

    [Fact]
    public void State_is_named_after_the_parameters()
    {
        using var scope = NewDisposeScope();
        var w = new Parameter(ones(2));
        using var sgd = new Sgd([("student/conv1.weight", w)], 0.9);
        using var adam = new Adam([("student/conv1.weight", w)]);
        Assert.Equal(["student/conv1.weight.momentum"], sgd.State.Keys);
        Assert.Equal(["student/conv1.weight.mean", "student/conv1.weight.square", "student/conv1.weight.step"], adam.State.Keys);
    }

    [Theory]
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    [InlineData(OptimizerImplementation.Plain)]
    public void Frozen_tied_and_idle_parameters_are_left_out_stepped_once_and_left_alone(OptimizerImplementation path)
    {
        using var scope = NewDisposeScope();
        var (frozen, tied, idle) = (new Parameter(ones(1), requires_grad: false), new Parameter(ones(1)), new Parameter(ones(1)));
        using var optimizer = new Adam([("frozen", frozen), ("tied", tied), ("again", tied), ("idle", idle)], path: path);
        tied.grad = ones(1);
        optimizer.Step(0.1);
        Assert.Equal((1, 0.9, 1), (frozen.ToDouble(), Math.Round(tied.ToDouble(), 6), idle.ToDouble()));
        Assert.Equal(0, optimizer.State["idle.step"].ToDouble());
        Assert.DoesNotContain("again.step", optimizer.State.Keys);
        optimizer.ZeroGrad();
        Assert.Null(tied.grad);
    }

    [Fact] // numbers in another order than the parameter's must not be added as they lie
    public void A_gradient_laid_out_otherwise_is_taken_by_its_indices()
    {
        using var scope = NewDisposeScope();
        var w = new Parameter(zeros(2, 3));
        using var optimizer = new Sgd([("w", w)], 0.9);
        w.grad = new long[] { 0, 3, 1, 4, 2, 5 }.ToTensor(3, 2).to(ScalarType.Float32).t();       // [[0, 1, 2], [3, 4, 5]]
        optimizer.Step(1);
        Assert.Equal([0, -1, -2, -3, -4, -5], w.detach().data<float>().ToArray());
    }

    [Fact]
    public void Other_types_are_fused_and_mixed_types_are_not()
    {
        using var scope = NewDisposeScope();
        var half = Weights(type: ScalarType.BFloat16);
        using var fused = new Sgd(half, 0.9);
        using var mixed = new Sgd([.. half, ("single", new Parameter(ones(1)))], 0.9);
        Assert.Equal((OptimizerImplementation.Fused, OptimizerImplementation.Plain), (fused.Implementation, mixed.Implementation));
        Differentiate(half);
        fused.Step(0.1);
        Assert.All(half, part => Assert.True(part.Parameter.isfinite().all().ToBoolean()));
    }

    [Fact]
    public void Large_networks_are_fused_unless_they_are_channels_last()
    {
        using var scope = NewDisposeScope();
        var large = new Parameter(zeros(1024, 1025));
        using var small = new Sgd(Weights(), 0.9);
        using var contiguous = new Sgd([.. Weights(), ("large", large)], 0.9);
        using var channelsLast = new Sgd([.. Weights(channelsLast: true), ("large", large)], 0.9);
        Assert.Equal((OptimizerImplementation.Loop, OptimizerImplementation.Fused, OptimizerImplementation.Loop), (small.Implementation, contiguous.Implementation, channelsLast.Implementation));
    }

    [Fact] // t 0: d 0, a copy; t 1: d ½, the mean of two; t 2: d min(⅔, .6)
    public void A_moving_average_starts_as_a_plain_mean()
    {
        using var scope = NewDisposeScope();
        var (live, average) = (new BatchNorm2d(1), new BatchNorm2d(1));
        var moving = new ExponentialMovingAverage(live, average, decay: 0.6);
        var (mine, theirs) = (live.get_parameter("weight")!, average.get_parameter("weight")!);
        Tensor Buffer(Module module, string name) => module.named_buffers().Single(pair => pair.name == name).buffer;
        double Look(long step, float weight)
        {
            using (no_grad())
            {
                mine.fill_(weight);
                Buffer(live, "running_mean").fill_(weight);
                Buffer(live, "num_batches_tracked").fill_(step);
            }
            moving.Update(step);
            Assert.Equal(theirs.ToSingle(), Buffer(average, "running_mean").ToSingle());
            Assert.Equal(step, Buffer(average, "num_batches_tracked").ToInt64());
            return theirs.ToDouble();
        }
        Assert.Equal(2, Look(0, 2), 1e-6);
        Assert.Equal(3, Look(1, 4), 1e-6);
        Assert.Equal(0.6 * 3 + 0.4 * 8, Look(2, 8), 1e-6);
        Assert.False(theirs.requires_grad);
    }
}
