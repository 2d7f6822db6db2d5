using Retort.Methods;
using Retort.Models;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Training;

/// <summary>The student's average as a method asks for it.</summary>
public sealed class StudentEmaTests
{
    [Theory] // θ = 1, 2, 3, 4 from 0: d = ½ ⅔ ¾ ⅘ gives .5 1 1.5 2; with the cap .6: .5, .6·.5 + .4·2, …
    [InlineData(0.999, new[] { .5, 1, 1.5, 2 })]
    [InlineData(0.6, new[] { .5, 1.1, 1.86, 2.716 })]
    public void The_first_steps_weigh_more_up_to_the_decay(double decay, double[] expected)
    {
        using var scope = torch.NewDisposeScope();
        using var student = One();
        var weight = student.named_parameters().First().parameter;
        using var frozen = torch.no_grad();
        using var average = new StudentEma(Job(One), student, new(decay));
        for (var t = 0; t < 4; t++)
        {
            weight.fill_(t + 1);
            average.Update(t);
            Assert.Equal(expected[t], average.State["weight"].ToSingle(), tolerance: 1e-6);
        }
        Assert.Equal(0.999, 1 - 1.0 / (999 + 1), tolerance: 1e-12);                 // from step 999 on the cap holds
    }

    [Fact]
    public void It_has_no_gradient_and_gives_none()
    {
        using var scope = torch.NewDisposeScope();
        using var student = One();
        using var average = new StudentEma(Job(One), student, EmaSettings.Default);
        var answer = average.Forward(Inputs(), Output.Logits, 0);
        Assert.False(answer.Logits.requires_grad);
        Assert.All(average.State.Values, tensor => Assert.False(tensor.requires_grad));
        Assert.True(student.named_parameters().All(pair => pair.parameter.requires_grad));
    }

    [Theory]
    [InlineData(EmaStart.Copy)]
    [InlineData(EmaStart.Independent)]
    public void It_starts_as_a_copy_or_with_weights_of_its_own(EmaStart start)
    {
        using var scope = torch.NewDisposeScope();
        var job = Few.Job(Few.Folder(), _ => new LabelsOnly(Few.Task));
        RandomStream.SeedTorch(job.Seed, StreamKey.Weights);
        using var student = job.MakeNetwork();
        using var average = new StudentEma(job, student, new(Start: start));
        foreach (var (name, tensor) in student.state_dict())
            Assert.Equal(start == EmaStart.Copy, tensor.equal(average.State[name]).all().ToBoolean());
    }

    [Fact] // in train mode a batch normalization takes the batch's statistics and keeps running ones of its own
    public void In_eval_mode_the_forward_uses_the_students_running_statistics()
    {
        using var scope = torch.NewDisposeScope();
        var job = Few.Job(Few.Folder(), _ => new LabelsOnly(Few.Task)) with
        {
            Build = () => new ConvNetOptions { Widths = [3] }.Build(Few.Data.Info),
        };
        using var student = job.MakeNetwork();
        var inputs = new Inputs(("pixel_values", torch.rand(5, 1, 28, 28)));
        using var trained = new StudentEma(job, student, new(Mode: EmaMode.Train));
        using var deployed = new StudentEma(job, student, new(Mode: EmaMode.Eval));
        student.train();
        var whole = student.Forward(inputs, Output.Logits).Logits;                  // moves its running statistics
        Assert.True(trained.Forward(inputs, Output.Logits, 0).Logits.Subtract(whole).abs().max().ToSingle() < 1e-5);
        student.eval();
        var own = student.Forward(inputs, Output.Logits).Logits;
        Assert.True(deployed.Forward(inputs, Output.Logits, 0).Logits.Subtract(own).abs().max().ToSingle() < 1e-5);
    }

    // the network draws dropout in its forward: an average that drew from the same stream
    // would change the student's next
    [Fact]
    public void Whether_it_is_kept_changes_nothing_of_the_student()
    {
        var job = Few.Job(Few.Folder(), _ => new LabelsOnly(Few.Task));
        job = job with { Build = () => new Dropping(Few.Network(4)) };
        var without = Few.Train(job);
        Assert.Equal(without, Few.Train(job with { Folder = Few.Folder(), Method = _ => new Asking() }));
        // dropout does something
        Assert.NotEqual(without, Few.Train(job with { Folder = Few.Folder(), Build = () => Few.Network(4) }));
    }

    [Theory]
    [InlineData(EmaStart.Independent, EmaMode.Train)]
    [InlineData(EmaStart.Copy, EmaMode.Eval)]
    public void It_is_resumed_to_the_bit_however_it_is_kept(EmaStart start, EmaMode mode)
    {
        TrainerConfig Job(string folder) =>
            Few.Job(folder, _ => new BetaSmoothing(new() { EmaStart = start, EmaMode = mode })) with
            {
                Build = () => new ConvNetOptions { Widths = [3] }.Build(Few.Data.Info),
            };

        var (whole, broken) = (Few.Folder(), Few.Folder());
        var undisturbed = Few.Train(Job(whole));
        Few.Stop(Job(broken), inStep: 3);
        Few.Stop(Job(broken), inStep: 2);
        Assert.Equal(undisturbed, Few.Train(Job(broken)));
        Assert.Equal(Few.Epochs(whole), Few.Epochs(broken));
    }

    [Fact]
    public void The_average_that_is_handed_out_is_another_one()
    {
        var job = Few.Job(Few.Folder(), _ => new Asking());
        var both = Few.Train(job with { Options = job.Options with { EmaDecay = 0.9 } });
        var plain = Few.Job(Few.Folder(), _ => new LabelsOnly(Few.Task));
        Assert.Equal(Few.Train(plain with { Options = plain.Options with { EmaDecay = 0.9 } }), both);
    }

    static Network One() => new Single();
    static Inputs Inputs() => new(("pixel_values", torch.ones(2, 1)));
    static TrainerConfig Job(Func<Network> build) =>
        Few.Job(Few.Folder(), _ => new LabelsOnly(Few.Task)) with { Build = build };

    sealed class Single : Network
    {
        readonly TorchSharp.Modules.Parameter weight = new(torch.zeros(1));

        public Single() : base(nameof(Single)) => RegisterComponents();

        public override OutputSet AvailableOutputs => Output.Logits;
        public override Outputs Forward(Inputs inputs, OutputSet wanted) =>
            new() { Logits = inputs.PixelValues.Times(weight) };
    }

    sealed class Dropping : Network
    {
        readonly Network inner;

        public Dropping(Network network) : base(nameof(Dropping))
        {
            inner = network;
            RegisterComponents();
        }

        public override OutputSet AvailableOutputs => Output.Logits;
        public override Outputs Forward(Inputs inputs, OutputSet wanted) =>
            new() { Logits = inner.Forward(inputs, wanted).Logits.Dropout(0.5, training) };
    }

    /// <summary>Asks the average and learns from the labels alone.</summary>
    sealed class Asking : DistillationLoss
    {
        public override RequiredOutputs Requires => new(OutputSet.None, Output.Logits, Output.Logits);

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            Assert.Equal(student.Logits.shape, student.Ema.Logits.shape);
            return new() { ["labels"] = batch.CrossEntropy(student.Logits) };
        }
    }
}
