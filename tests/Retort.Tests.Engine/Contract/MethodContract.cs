using Retort.Recipes;
using Retort.Teachers;
using Retort.Training;

namespace Retort.Tests.Contract;

/// <summary>What every listed loss must hold to, whoever adds it.</summary>
public sealed class MethodContract
{
    public static TheoryData<string> Losses => [.. Few.Shipped(Registry.Methods, typeof(LossOptions))];

    [Theory, MemberData(nameof(Losses))]
    public void Its_terms_are_finite_scalars_and_their_gradient_reaches_the_student(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var method = Few.Options(name).Build(Few.ContextOf(name));
        var (teacher, student) = (Few.OutputsOf(name, 5, gradient: false), Few.OutputsOf(name, 3, gradient: true));
        var terms = method.Compute(Few.BatchOf(name), teacher, student);
        terms.Total.backward();
        Assert.All(
            terms.Parts,
            part => Assert.True(part.Value.Dimensions == 0 && float.IsFinite(part.Value.ToSingle()), part.Name));
        var asked = method.Requires.Student.Contains(Output.Logits) ? student.Logits : student.Embedding;
        Assert.True(asked.grad!.abs().sum().ToSingle() > 0);
    }

    [Theory, MemberData(nameof(Losses))]
    public void Its_gradient_never_reaches_the_teacher_whose_weights_stay_as_they_are(string name)
    {
        var network = Few.TeacherNetwork(name);
        using var teacher = new NetworkTeacher(network, owns: true);
        var before = teacher.Fingerprint();
        Few.Train(Few.Job(Few.Folder(), name, teacher));
        Assert.Equal(before, teacher.Fingerprint());
        Assert.All(
            network.named_parameters(),
            pair => Assert.True(pair.parameter.grad is null && !pair.parameter.requires_grad, pair.name));
    }

    [Theory, MemberData(nameof(Losses))]
    public void Its_objective_falls_within_thirty_steps(string name)
    {
        using var teacher = Few.Teacher(name);
        var folder = Few.Folder();
        Few.Train(Few.Job(folder, name, teacher) with { Steps = 30, StepsPerEpoch = 10 });
        var epochs = MetricsLog.Read(Path.Combine(folder, "metrics.jsonl"));
        Assert.True(
            epochs[^1].Loss!["total"] < epochs[0].Loss!["total"],
            $"{epochs[0].Loss!["total"]} → {epochs[^1].Loss!["total"]}");
    }

    [Theory, MemberData(nameof(Losses))]
    public void The_same_seed_gives_the_same_run_and_another_seed_another(string name)
    {
        using var teacher = Few.Teacher(name);
        var first = Few.Train(Few.Job(Few.Folder(), name, teacher));
        Assert.Equal(first, Few.Train(Few.Job(Few.Folder(), name, teacher)));
        Assert.NotEqual(first, Few.Train(Few.Job(Few.Folder(), name, teacher) with { Seed = 2 }));
    }

    [Theory, MemberData(nameof(Losses))]
    public void Stopped_and_started_again_it_ends_with_the_same_bits(string name)
    {
        using var teacher = Few.Teacher(name);
        var (whole, broken) = (Few.Folder(), Few.Folder());
        var undisturbed = Few.Train(Few.Job(whole, name, teacher));
        Few.Stop(Few.Job(broken, name, teacher), inStep: 3);               // within the first epoch
        Few.Stop(Few.Job(broken, name, teacher), inStep: 5);               // at the end of the second: 3 + 5
        Assert.Equal(undisturbed, Few.Train(Few.Job(broken, name, teacher)));
        Assert.Equal(Few.Epochs(whole), Few.Epochs(broken));
    }

    [Theory, MemberData(nameof(Losses))]
    public void What_it_does_not_ask_for_is_not_computed(string name)
    {
        var (ofTeacher, ofStudent) = (new HashSet<OutputSet>(), new HashSet<OutputSet>());
        using var teacher = new Asked(Few.Teacher(name), ofTeacher);
        var job = Few.Job(Few.Folder(), name, teacher);
        ofTeacher.Clear();
        var needs = default(RequiredOutputs);
        Few.Train(job with
        {
            Build = () => new Heard(job.Build(), ofStudent),
            Method = student =>
            {
                var method = job.Method(student);
                ofTeacher.Clear(); // measuring widths asks for all that is offered
                ofStudent.Clear();
                needs = method.Requires;
                return method;
            },
        });
        Assert.Equal(needs.Teacher == OutputSet.None ? [] : [needs.Teacher], ofTeacher);
        Assert.Equal([needs.Student], ofStudent);
    }

    [Theory, MemberData(nameof(Losses))]
    public void Every_native_tensor_is_gone_afterwards(string name)
    {
        using var teacher = Few.Teacher(name);
        Few.Train(Few.Job(Few.Folder(), name, teacher));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Few.Train(Few.Job(Few.Folder(), name, teacher));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory, MemberData(nameof(Losses))]
    public void Its_options_survive_json(string name)
    {
        MethodOptions options = Few.Options(name);
        Assert.Equal(options, Recipe.Read<MethodOptions>(Recipe.Write(options), name));
    }

    sealed class Asked(ITeacher teacher, HashSet<OutputSet> heard) : ITeacher
    {
        public OutputSet AvailableOutputs => teacher.AvailableOutputs;

        public Outputs Forward(Batch batch, OutputSet wanted)
        {
            heard.Add(wanted);
            return teacher.Forward(batch, wanted);
        }

        public string Fingerprint() => teacher.Fingerprint();
        public void Dispose() => teacher.Dispose();
    }

    /// <summary>A network that notes what it is asked for in training.</summary>
    sealed class Heard : Network
    {
        readonly Network inner;
        readonly HashSet<OutputSet> _heard;

        public Heard(Network network, HashSet<OutputSet> heard) : base(nameof(Heard))
        {
            (inner, _heard) = (network, heard);
            RegisterComponents();
        }

        public override OutputSet AvailableOutputs => inner.AvailableOutputs;

        public override Outputs Forward(Inputs inputs, OutputSet wanted)
        {
            if (training) _heard.Add(wanted);
            return inner.Forward(inputs, wanted);
        }
    }
}
