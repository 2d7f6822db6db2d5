using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Tests.Contract;

/// <summary>A few examples, a small network, a short training.</summary>
static class Few
{
    public static Dataset Data { get; } = new ToyOptions { Examples = 64 }.Open();

    public static LearningTask Task { get; } = new ClassificationOptions().Build(Data.Info);

    public static MethodContext MethodContext { get; } = new()
    {
        Task = Task,
        Data = Data.Info,
        Examples = 8,
        BatchSize = 8,
        Steps = 1,
        Teacher = Shapes(embedding: 5),
        Student = Shapes(embedding: 3),
    };

    public static string Folder() => Directory.CreateTempSubdirectory("retort-").FullName;

    /// <summary>The names that Retort itself gives; tests register others.</summary>
    public static IEnumerable<string> Shipped(IReadOnlyDictionary<string, Type> family, Type? of = null) => family
        .Where(pair => pair.Value.Assembly == typeof(Registry).Assembly && (of is null || pair.Value.IsSubclassOf(of)))
        .Select(pair => pair.Key);

    public static LossOptions Options(string method) =>
        (LossOptions)Activator.CreateInstance(Registry.Methods[method])!;

    /// <summary>A procedure with its defaults, of distilled data with a few meta-steps.</summary>
    public static ProcedureOptions Procedure(string method) => method switch
    {
        "sldd" => new SoftLabelDatasetOptions { MetaSteps = 6 },
        "tdd" => new SoftLabelDatasetOptions.TextDataset { MetaSteps = 6 },
        _ => (ProcedureOptions)Activator.CreateInstance(Registry.Methods[method])!,
    };

    public static Recipe Recipe(string method) => Tests.Recipes.TestRuns.Recipe() with { Method = Options(method) };

    /// <summary>The context of a method: of tokens or embeddings for one that compares these, else of images.</summary>
    public static MethodContext ContextOf(string method) => FewTokens.Fit(method) ? FewTokens.MethodContext
        : FewEmbeddings.Fit(method) ? FewEmbeddings.MethodContext : MethodContext;

    public static Batch BatchOf(string method) => FewTokens.Fit(method) ? FewTokens.Batch() : Batch();

    public static Batch Batch() => new()
    {
        Inputs = new(("pixel_values", torch.zeros(8, 1, 28, 28))),
        Labels = torch.tensor(new long[] { 0, 1, 2, 3, 0, 1, 2, 3 }),
        Labelled = 8,
        Ids = [0, 1, 2, 3, 4, 5, 6, 7],
    };

    public static Outputs Outputs(int width, bool gradient) => new()
    {
        Logits = torch.randn(8, 4, requires_grad: gradient),
        Embedding = torch.randn(8, width, requires_grad: gradient),
        Ema = new() { Logits = torch.randn(8, 4), Embedding = torch.randn(8, width) },
        SecondView = new() { Embedding = torch.randn(8, width, requires_grad: gradient) },
    };

    public static Outputs OutputsOf(string method, int width, bool gradient) =>
        FewTokens.Fit(method) ? FewTokens.Outputs(width, gradient) : Outputs(width, gradient);

    public static Network Network(int width, int seed = 1)
    {
        torch.manual_seed(seed);
        return ModuleFactory.Create(() => new MlpOptions { Hidden = [width] }.Build(Data.Info));
    }

    public static Network TeacherNetwork(string method) =>
        FewTokens.Fit(method) ? FewTokens.Teacher() : Network(16, seed: 77);

    public static NetworkTeacher Teacher(string method = "kd") => new(TeacherNetwork(method), owns: true);

    static OutputShapes Shapes(int embedding) => new(new Dictionary<OutputKey, IReadOnlyList<long[]>>
    {
        [Output.Logits] = [[4]],
        [Output.Embedding] = [[embedding]],
    });

    /// <summary>Three epochs of four steps.</summary>
    public static TrainerConfig Job(string folder, Func<Network, DistillationLoss> method, ITeacher? teacher = null) =>
        new()
        {
            Part = "student-seed1",
            Folder = folder,
            Task = Task,
            Build = () => new MlpOptions { Hidden = [4] }.Build(Data.Info),
            Method = method,
            Teacher = teacher,
            Data = Data.Training,
            Validation = Data.Validation,
            Options = new() { BatchSize = 16, CheckpointSeconds = 0 },
            Steps = 12, StepsPerEpoch = 4, Seed = 1, RecipeHash = "few",
        };

    public static TrainerConfig Job(string folder, string method, ITeacher teacher)
    {
        var isOfTokens = FewTokens.Fit(method);
        var data = isOfTokens ? FewTokens.Data : Data;
        var task = ContextOf(method).Task;
        var job = Job(folder, student => Options(method).Build(new()
        {
            Task = task, Data = data.Info, Examples = 64, BatchSize = 16, Steps = 12,
            Teacher = NetworkProbe.Shapes(teacher, data.Training, torch.CPU),
            Student = NetworkProbe.Shapes(student, data.Training, torch.CPU),
        }), teacher);
        return !isOfTokens ? job with { Task = task } : job with
        {
            Task = task, Build = FewTokens.Student, Data = data.Training, Validation = data.Validation,
        };
    }

    /// <summary>Trains and gives the bits of the last weights and the best ones.</summary>
    public static byte[] Train(TrainerConfig job, CancellationToken token = default)
    {
        using var trainer = new Trainer(job);
        var trained = trainer.Run(token);
        var file = Path.Combine(job.Folder, "bits");
        SafeTensors.Write(file, trained.Network.state_dict()
            .Concat(trained.Best.Select(pair => KeyValuePair.Create("best/" + pair.Key, pair.Value))));
        return File.ReadAllBytes(file);
    }

    /// <summary>Stops a training in the step of this number, as Ctrl-C would, and checks that it says so.</summary>
    public static void Stop(TrainerConfig job, int inStep)
    {
        using var stop = new CancellationTokenSource();
        var make = job.Method;
        Assert.Throws<OperationCanceledException>(() =>
            Train(
                job with
                {
                    Method = student => new Watched(make(student), step => { if (step == inStep) stop.Cancel(); }),
                },
                stop.Token));
    }

    /// <summary>The epochs as they stand in a folder, without what a clock said.</summary>
    public static IReadOnlyList<string> Epochs(string folder) => Fire.Outcome.Epochs(folder);
}

/// <summary>A method as it is, with an ear at each step (the first is 1).</summary>
sealed class Watched(DistillationLoss method, Action<int> heard) : DistillationLoss
{
    int _step;

    public override RequiredOutputs Requires => method.Requires;
    public override Module? State => method.State;
    public override EmaSettings Ema => method.Ema;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        heard(++_step);
        return method.Compute(batch, teacher, student);
    }

    public override void AfterStep(Batch batch, Outputs teacher, Outputs student) =>
        method.AfterStep(batch, teacher, student);
}
