using static TorchSharp.torch;
using Adam = Retort.Tensors.Adam;
using Parameter = TorchSharp.Modules.Parameter;

namespace Retort.Tests.Tensors;

public sealed class OptimizerTests : IDisposable
{
    readonly int _threads = get_num_threads();

    /// <summary>
    /// Uses one thread: the fused operators start a parallel region per tensor, which is slow on a busy machine.
    /// </summary>
    public OptimizerTests() => set_num_threads(1);

    public void Dispose() => set_num_threads(_threads);

    /// <summary>
    /// The weights of a convolution (contiguous or channels-last), a matrix longer than one chunk of the loop, a bias.
    /// </summary>
    static List<(string Name, Parameter Parameter)> Weights(
        bool channelsLast = false, ScalarType type = ScalarType.Float32)
    {
        manual_seed(7);
        var kernel = randn(8, 4, 3, 3).to(type);
        if (channelsLast) kernel = kernel.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        return
        [
            ("kernel", new Parameter(kernel)),
            ("matrix", new Parameter(randn(65, 67).to(type))),
            ("bias", new Parameter(randn(5).to(type))),
        ];
    }

    /// <summary>
    /// Computes the gradient of Σ sin w + 0.1 w² through autograd, so that the gradients have autograd's memory order.
    /// </summary>
    static void Backward(List<(string Name, Parameter Parameter)> weights)
    {
        using var scope = NewDisposeScope();
        var loss = zeros([]);
        foreach (var (_, parameter) in weights)
            loss = loss + (parameter.sin() + 0.1 * parameter * parameter).sum().to(ScalarType.Float32);
        loss.backward();
    }

    static float[] Train(
        int steps, List<(string Name, Parameter Parameter)> weights, Optimizer optimizer, double maxNorm)
    {
        using (optimizer)
            for (var step = 0; step < steps; step++) TakeStep(step, weights, optimizer, maxNorm);
        return [.. weights.SelectMany(pair => pair.Parameter.ToFloatArray())];
    }

    static void TakeStep(
        int step, List<(string Name, Parameter Parameter)> weights, Optimizer optimizer, double maxNorm)
    {
        optimizer.ZeroGrad();
        Backward(weights);
        optimizer.Step(0.05 / (1 + step), maxNorm);
    }

    static Optimizer Create(
        string name, IEnumerable<(string, Parameter)> weights, OptimizerImplementation implementation) => name switch
    {
        "sgd" => new Sgd(weights, 0, weightDecay: 1e-2, implementation: implementation),
        "momentum" => new Sgd(weights, 0.9, weightDecay: 1e-2, implementation: implementation),
        "nesterov" => new Sgd(weights, 0.9, nesterov: true, weightDecay: 1e-2, implementation: implementation),
        "adam" => new Adam(weights, new(WeightDecay: 1e-2), implementation: implementation),
        _ => new Adam(weights, new(WeightDecay: 1e-1), decoupled: true, implementation: implementation),
    };

    public static TheoryData<string, OptimizerImplementation, bool, double> Implementations()
    {
        var data = new TheoryData<string, OptimizerImplementation, bool, double>();
        foreach (var name in new[] { "sgd", "momentum", "nesterov", "adam", "adamw" })
            foreach (var implementation in new[] { OptimizerImplementation.Loop, OptimizerImplementation.Fused })
            {
                data.Add(name, implementation, false, 0);
                data.Add(name, implementation, true, 2);
            }
        return data;
    }

    [Theory] // 20 steps on weights of size 1, each of which may round the last of 24 bits: 20 · 6e-8, with some margin
    [MemberData(nameof(Implementations))]
    public void Every_implementation_takes_the_steps_of_the_plain_operators(
        string name, OptimizerImplementation implementation, bool channelsLast, double maxNorm)
    {
        using var scope = NewDisposeScope();
        var (plain, fast) = (Weights(), Weights(channelsLast));
        var optimizer = Create(name, fast, implementation);
        Assert.Equal(implementation, ((FusedOptimizer)optimizer).Implementation);
        var strides = fast[0].Parameter.stride();
        var expected = Train(20, plain, Create(name, plain, OptimizerImplementation.Plain), maxNorm);
        var actual = Train(20, fast, optimizer, maxNorm);
        Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max(), 0, 5e-6);
        Assert.Equal(strides, fast[0].Parameter.stride());
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
        var list = theirs.Select(pair => pair.Parameter).ToList();
        using optim.Optimizer reference = name switch
        {
            "adam" => optim.Adam(list, 0.05, 0.9, 0.999, 1e-8, 1e-2),
            "adamw" => optim.AdamW(list, 0.05, 0.9, 0.999, 1e-8, 1e-1),
            _ => optim.SGD(list, 0.05, 0.9, 0, 1e-2, name == "nesterov"),
        };
        using var optimizer = Create(name, ours, OptimizerImplementation.Loop);
        for (var step = 0; step < 20; step++)
        {
            optimizer.ZeroGrad();
            Backward(ours);
            optimizer.Step(0.05);
            reference.zero_grad();
            Backward(theirs);
            reference.step();
        }
        foreach (var ((_, a), (_, b)) in ours.Zip(theirs)) Assert.InRange((a - b).abs().max().ToSingle(), 0, 1e-5f);
    }

    [Theory] // w 1, gradients .5 then .2, η .05, μ .9, λ 1e-4:
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    [InlineData(OptimizerImplementation.Plain)]
    public void Nesterovs_step_by_hand(OptimizerImplementation implementation)
    {
        using var scope = NewDisposeScope();
        var w = new Parameter(ones(1));
        using var optimizer = new Sgd(
            [("w", w)], 0.9, nesterov: true, weightDecay: 1e-4, implementation: implementation);
        w.grad = full(1, 0.5f);                         // g .5001, m .5001
        optimizer.Step(0.05);                           // w 1 − .05 (.5001 + .9 · .5001) = .9524905
        Assert.Equal(0.9524905, w.ToDouble(), 1e-6);
        w.grad = full(1, 0.2f);                         // g .20009525, m .65018525
        optimizer.Step(0.05);                           // w .9524905 − .05 (.20009525 + .9 · .65018525) = .9132274
        Assert.Equal(0.9132274, w.ToDouble(), 1e-6);
    }

    [Theory] // Adam's first step is η g / (|g| + ε) whatever g is; AdamW multiplies by 1 − η λ before: 1 · .95 − .1
    [InlineData(OptimizerImplementation.Loop, false, 0.9)]
    [InlineData(OptimizerImplementation.Fused, false, 0.9)]
    [InlineData(OptimizerImplementation.Plain, false, 0.9)]
    [InlineData(OptimizerImplementation.Loop, true, 0.85)]
    [InlineData(OptimizerImplementation.Fused, true, 0.85)]
    [InlineData(OptimizerImplementation.Plain, true, 0.85)]
    public void Adams_first_step_by_hand(OptimizerImplementation implementation, bool decoupled, double expected)
    {
        using var scope = NewDisposeScope();
        var w = new Parameter(ones(1));
        using var optimizer = new Adam(
            [("w", w)], new(WeightDecay: decoupled ? 0.5 : 0), decoupled, implementation);
        w.grad = full(1, 3f);
        optimizer.Step(0.1);
        Assert.Equal(expected, w.ToDouble(), 1e-6);
    }

    [Theory] // |(3, 4)| = 5, scaled to 1: (.6, .8), one norm over both parameters
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    [InlineData(OptimizerImplementation.Plain)]
    public void Clipping_scales_all_parameters_together(OptimizerImplementation implementation)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (new Parameter(zeros(1)), new Parameter(zeros(1)));
        using var optimizer = new Sgd([("a", a), ("b", b)], 0, implementation: implementation);
        (a.grad, b.grad) = (full(1, 3f), full(1, 4f));
        optimizer.Step(1, maxNorm: 1);
        Assert.Equal(-0.6, a.ToDouble(), 1e-5);
        Assert.Equal(-0.8, b.ToDouble(), 1e-5);
        (a.grad, b.grad) = (full(1, 0.3f), full(1, 0.4f));      // short enough: unchanged
        optimizer.Step(1, maxNorm: 1);
        Assert.Equal(-0.9, a.ToDouble(), 1e-5);
        Assert.Equal(-1.2, b.ToDouble(), 1e-5);
    }

    [Theory]
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    [InlineData(OptimizerImplementation.Plain)]
    public void A_NaN_in_the_gradient_reaches_every_weight_through_clipping(OptimizerImplementation implementation)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (new Parameter(zeros(1)), new Parameter(zeros(1)));
        using var optimizer = new Sgd([("a", a), ("b", b)], 0, implementation: implementation);
        (a.grad, b.grad) = (full(1, float.NaN), full(1, 1f));
        optimizer.Step(1, maxNorm: 1);
        Assert.True(float.IsNaN(b.ToSingle()));
    }

    [Theory]
    [InlineData("nesterov", OptimizerImplementation.Loop)]
    [InlineData("adamw", OptimizerImplementation.Loop)]
    [InlineData("adamw", OptimizerImplementation.Fused)]
    public void Training_that_resumes_from_saved_state_ends_with_the_same_weights(
        string name, OptimizerImplementation implementation)
    {
        using var scope = NewDisposeScope();
        var (uninterrupted, interrupted) = (Weights(), Weights());
        var expected = Train(6, uninterrupted, Create(name, uninterrupted, implementation), 1);

        var first = Create(name, interrupted, implementation);
        var saved = first.State.ToDictionary(pair => pair.Key, pair => pair.Value.alias());     // outlive it
        Train(3, interrupted, first, 1);

        var resumed = Weights();
        using var second = Create(name, resumed, implementation);
        using (no_grad())
        {
            foreach (var ((_, from), (_, to)) in interrupted.Zip(resumed)) to.copy_(from);
            foreach (var (key, tensor) in second.State) tensor.copy_(saved[key]);
        }
        for (var step = 3; step < 6; step++) TakeStep(step, resumed, second, 1);
        Assert.Equal(expected, resumed.SelectMany(pair => pair.Parameter.ToFloatArray()));
    }

    [Fact]
    public void State_is_named_after_the_parameters()
    {
        using var scope = NewDisposeScope();
        var w = new Parameter(ones(2));
        using var sgd = new Sgd([("student/conv1.weight", w)], 0.9);
        using var adam = new Adam([("student/conv1.weight", w)]);
        Assert.Equal(["student/conv1.weight.momentum"], sgd.State.Keys);
        Assert.Equal(
            ["student/conv1.weight.mean", "student/conv1.weight.square", "student/conv1.weight.step"], adam.State.Keys);
    }

    [Theory]
    [InlineData(OptimizerImplementation.Loop)]
    [InlineData(OptimizerImplementation.Fused)]
    [InlineData(OptimizerImplementation.Plain)]
    public void Frozen_parameters_are_left_out_tied_ones_stepped_once_and_ones_without_gradient_unchanged(
        OptimizerImplementation implementation)
    {
        using var scope = NewDisposeScope();
        var frozen = new Parameter(ones(1), requires_grad: false);
        var (tied, idle) = (new Parameter(ones(1)), new Parameter(ones(1)));
        using var optimizer = new Adam(
            [("frozen", frozen), ("tied", tied), ("again", tied), ("idle", idle)], implementation: implementation);
        tied.grad = ones(1);
        optimizer.Step(0.1);
        Assert.Equal((1, 0.9, 1), (frozen.ToDouble(), Math.Round(tied.ToDouble(), 6), idle.ToDouble()));
        Assert.Equal(0, optimizer.State["idle.step"].ToDouble());
        Assert.DoesNotContain("again.step", optimizer.State.Keys);
        optimizer.ZeroGrad();
        Assert.Null(tied.grad);
    }

    [Fact] // elements in another memory order than the parameter's must not be added in memory order
    public void A_gradient_of_another_layout_is_added_by_index()
    {
        using var scope = NewDisposeScope();
        var w = new Parameter(zeros(2, 3));
        using var optimizer = new Sgd([("w", w)], 0.9);
        var transposed = new long[] { 0, 3, 1, 4, 2, 5 }.ToTensor(3, 2).to(ScalarType.Float32);
        w.grad = transposed.t();                                            // [[0, 1, 2], [3, 4, 5]]
        optimizer.Step(1);
        Assert.Equal([0, -1, -2, -3, -4, -5], w.detach().data<float>().ToArray());
    }

    [Fact]
    public void Other_types_are_fused_and_mixed_types_are_not()
    {
        using var scope = NewDisposeScope();
        var weights = Weights(type: ScalarType.BFloat16);
        using var fused = new Sgd(weights, 0.9);
        using var mixed = new Sgd([.. weights, ("single", new Parameter(ones(1)))], 0.9);
        Assert.Equal(OptimizerImplementation.Fused, fused.Implementation);
        Assert.Equal(OptimizerImplementation.Plain, mixed.Implementation);
        Backward(weights);
        fused.Step(0.1);
        Assert.All(weights, pair => Assert.True(pair.Parameter.isfinite().all().ToBoolean()));
    }

    [Fact]
    public void Large_networks_are_fused_unless_they_are_channels_last()
    {
        using var scope = NewDisposeScope();
        var large = new Parameter(zeros(1024, 1025));
        using var small = new Sgd(Weights(), 0.9);
        using var contiguous = new Sgd([.. Weights(), ("large", large)], 0.9);
        using var channelsLast = new Sgd([.. Weights(channelsLast: true), ("large", large)], 0.9);
        Assert.Equal(OptimizerImplementation.Loop, small.Implementation);
        Assert.Equal(OptimizerImplementation.Fused, contiguous.Implementation);
        Assert.Equal(OptimizerImplementation.Loop, channelsLast.Implementation);
    }
}
