using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Retort.Data;
using Retort.Data.Augmentation;
using Retort.Data.Images;
using Retort.Data.Parquet;
using Retort.Methods;
using Retort.Models;
using Retort.Runs;
using Retort.Tasks;
using Retort.Studies.Fidelity;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Training;

namespace Retort.Recipes;

/// <summary>Everything a recipe can name: one line each, and what a program adds of its own.</summary>
public static class Registry
{
    static readonly Lock One = new();
    static bool s_used;

    public static IReadOnlyDictionary<string, Type> Methods { get; } = new Dictionary<string, Type>
    {
        ["labels"] = typeof(LabelsOnlyOptions),
        ["kd"] = typeof(SoftTargetsOptions),
        ["sdls"] = typeof(SelfDistillationOptions),
        ["beta"] = typeof(BetaSmoothingOptions),
        ["label-smoothing"] = typeof(LabelSmoothingOptions),
        ["confidence-penalty"] = typeof(ConfidencePenaltyOptions),
    };

    public static IReadOnlyDictionary<string, Type> Tasks { get; } = new Dictionary<string, Type>
    {
        ["classification"] = typeof(ClassificationOptions),
        ["multi-label"] = typeof(MultiLabelOptions),
        ["regression"] = typeof(RegressionOptions),
        ["embedding"] = typeof(EmbeddingOptions),
    };

    public static IReadOnlyDictionary<string, Type> Models { get; } = new Dictionary<string, Type>
    {
        ["mlp"] = typeof(MlpOptions),
        ["lenet"] = typeof(LeNetOptions),
        ["convnet"] = typeof(ConvNetOptions),
        ["resnet"] = typeof(ResNetOptions),
        ["wide-resnet"] = typeof(WideResNetOptions),
        ["vgg"] = typeof(VggOptions),
        ["mobilenet-v2"] = typeof(MobileNetV2Options),
    };

    public static IReadOnlyDictionary<string, Type> Teachers { get; } = new Dictionary<string, Type>
    {
        ["trained"] = typeof(TrainedTeacherOptions),
        ["checkpoint"] = typeof(CheckpointTeacherOptions),
        ["onnx"] = typeof(OnnxTeacherOptions),
        ["torchscript"] = typeof(TorchScriptTeacherOptions),
        ["ensemble"] = typeof(EnsembleTeacherOptions),
        ["remote"] = typeof(RemoteTeacherOptions),
        ["cached"] = typeof(CachedTeacherOptions),
    };

    public static IReadOnlyDictionary<string, Type> Codecs { get; } = new Dictionary<string, Type>
    {
        ["float32"] = typeof(Float32Options),
        ["float16"] = typeof(Float16Options),
        ["top-k"] = typeof(TopKOptions),
    };

    public static IReadOnlyDictionary<string, Type> Data { get; } = new Dictionary<string, Type>
    {
        ["toy"] = typeof(ToyOptions),
        ["idx"] = typeof(IdxOptions),
        ["csv"] = typeof(CsvOptions),
        ["tsv"] = typeof(TsvOptions),
        ["cifar"] = typeof(CifarOptions),
        ["image-folder"] = typeof(ImageFolderOptions),
        ["parquet"] = typeof(ParquetOptions),
    };

    public static IReadOnlyDictionary<string, Type> Augmentations { get; } = new Dictionary<string, Type>
    {
        ["flip"] = typeof(FlipOptions),
        ["vertical-flip"] = typeof(VerticalFlipOptions),
        ["crop"] = typeof(CropOptions),
        ["rotation"] = typeof(RotationOptions),
        ["color-jitter"] = typeof(ColorJitterOptions),
        ["noise"] = typeof(NoiseOptions),
        ["uniform-noise"] = typeof(UniformNoiseOptions),
        ["cutout"] = typeof(CutoutOptions),
        ["mixup"] = typeof(MixupOptions),
    };

    public static IReadOnlyDictionary<string, Type> Optimizers { get; } = new Dictionary<string, Type>
    {
        ["sgd"] = typeof(SgdOptions),
        ["adam"] = typeof(AdamOptions),
        ["adamw"] = typeof(AdamWOptions),
    };

    public static IReadOnlyDictionary<string, Type> Schedules { get; } = new Dictionary<string, Type>
    {
        ["constant"] = typeof(ConstantSchedulerOptions),
        ["step"] = typeof(StepSchedulerOptions),
        ["cosine"] = typeof(CosineSchedulerOptions),
        ["linear"] = typeof(LinearSchedulerOptions),
    };

    /// <summary>What a fidelity study can be asked to show; a recipe names none of them.</summary>
    public static IReadOnlyDictionary<string, Type> Claims { get; } = new Dictionary<string, Type>
    {
        ["easy-case"] = typeof(EasyCaseOptions),
        ["tension"] = typeof(TensionOptions),
        ["ensembles"] = typeof(EnsemblesOptions),
        ["members"] = typeof(MembersOptions),
        ["temperature"] = typeof(TemperatureOptions),
        ["policies"] = typeof(PolicyOptions),
        ["recycling"] = typeof(RecyclingOptions),
        ["harder-data"] = typeof(HarderDataOptions),
        ["longer-training"] = typeof(LongerTrainingOptions),
        ["basin"] = typeof(BasinOptions),
        ["first-weights"] = typeof(FirstWeightsOptions),
        ["capacity"] = typeof(CapacityOptions),
        ["calibration"] = typeof(CalibrationOptions),
    };

    /// <summary>Papers that measure and are not learned with, by key: the type that is marked with the paper, and its file.</summary>
    public static IReadOnlyDictionary<string, (Type Type, string File)> Measures { get; } = new Dictionary<string, (Type, string)>
    {
        ["fidelity"] = (typeof(ClaimOptions), "src/Retort/Studies/Fidelity/FidelityStudy.cs"),
    };

    public static IReadOnlyDictionary<string, Type> Searched { get; } = new Dictionary<string, Type>
    {
        ["choice"] = typeof(ChoiceOptions),
        ["range"] = typeof(RangeOptions),
    };

    public static IReadOnlyDictionary<string, Type> Strategies { get; } = new Dictionary<string, Type>
    {
        ["grid"] = typeof(GridOptions),
        ["random"] = typeof(RandomOptions),
        ["halving"] = typeof(HalvingOptions),
    };

    /// <summary>The families by what a page calls them: the record they share, and their members by name.</summary>
    public static IReadOnlyList<(string Word, Type Type, IReadOnlyDictionary<string, Type> Members)> Families { get; } =
    [
        ("Data sets", typeof(DataOptions), Data),
        ("Augmentations", typeof(AugmentationOptions), Augmentations),
        ("Tasks", typeof(TaskOptions), Tasks),
        ("Networks", typeof(ModelOptions), Models),
        ("Teachers", typeof(TeacherOptions), Teachers),
        ("Codecs of a cache", typeof(CodecOptions), Codecs),
        ("Methods", typeof(MethodOptions), Methods),
        ("Optimizers", typeof(OptimizerOptions), Optimizers),
        ("Schedules", typeof(SchedulerOptions), Schedules),
        ("Options of a search", typeof(SearchedOptions), Searched),
        ("Strategies of a search", typeof(StrategyOptions), Strategies),
    ];

    /// <summary>
    /// Gives options of a program's own the name by which recipes, run folders and messages know them: a data set, a
    /// network, a method, whatever family the record derives from. Once for each, at the program's start; the same once more does nothing.
    /// </summary>
    /// <typeparam name="TOptions">A record that derives from one of the <see cref="Families"/> and that JSON can hold.</typeparam>
    /// <param name="name">Small letters, digits and hyphens.</param>
    /// <exception cref="InvalidOperationException">Name or record are taken, the record is of no family, or a recipe was read or written before.</exception>
    public static void Add<TOptions>(string name) where TOptions : class
    {
        var type = typeof(TOptions);
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0]) || !name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            throw new ArgumentException($"A name in recipes begins with a small letter and has small letters, digits and hyphens; it is \"{name}\".", nameof(name));
        var (_, kind, members) = Families.FirstOrDefault(family => family.Type.IsAssignableFrom(type));
        if (kind is null || type.IsAbstract) throw new InvalidOperationException(
            $"A recipe cannot name {type.Name}: it must be a record that derives from one of {string.Join(", ", Families.Select(family => family.Type.Name))}, and not abstract.");
        lock (One)
        {
            if (members.TryGetValue(name, out var there) && there == type) return;
            if (there is not null) throw new InvalidOperationException($"\"{name}\" names {there.Name} already: choose another name for {type.Name}.");
            if (members.FirstOrDefault(pair => pair.Value == type).Key is { } other) throw new InvalidOperationException($"{type.Name} is called \"{other}\" already.");
            if (s_used) throw new InvalidOperationException(
                $"{type.Name} comes too late: Catalogue.Add belongs at the program's start, before the first recipe is read, written or run.");
            ((Dictionary<string, Type>)members).Add(name, type);
        }
    }

    /// <summary>Where a method comes from: what its class says of itself.</summary>
    public static PaperAttribute Paper(string method) => Methods.TryGetValue(method, out var options)
        ? PaperClass(method, options).GetCustomAttribute<PaperAttribute>()!
        : throw new ArgumentException($"There is no method \"{method}\"; {Spelling.Hint(method, [.. Methods.Keys])}", nameof(method));

    /// <summary>The class that carries a method out; its name is its file's.</summary>
    public static Type PaperClass(string method, Type options) => options.Assembly.GetTypes()
        .FirstOrDefault(type => type.GetCustomAttribute<PaperAttribute>()?.Key == method)
        ?? throw new InvalidOperationException($"No class is marked [Paper(\"{method}\", …)], which the method \"{method}\" needs.");

    internal static void TellApart(JsonTypeInfo info)
    {
        lock (One)
        {
            s_used = true;                                  // the serializer keeps what it is told here
            var members = info.Type == typeof(ClaimOptions) ? Claims : Families.FirstOrDefault(family => family.Type == info.Type).Members;
            if (members is not { } family) return;
            info.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "name" };
            foreach (var (name, type) in family) info.PolymorphismOptions.DerivedTypes.Add(new(type, name));
        }
    }
}
