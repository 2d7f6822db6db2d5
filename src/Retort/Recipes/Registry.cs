using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Retort.Contracts.Learners;
using Retort.Data;
using Retort.Data.Audio;
using Retort.Data.Augmentation;
using Retort.Data.Images;
using Retort.Data.Parquet;
using Retort.Data.Text;
using Retort.Environments;
using Retort.Environments.MuJoCo;
using Retort.Methods;
using Retort.Models;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Training;

namespace Retort.Recipes;

/// <summary>The names that recipes give to options: one line for each, and those that a program adds.</summary>
public static class Registry
{
    /// <summary>The end of a sentence about options without a name, or about one that comes too late.</summary>
    internal const string AddFirst = "give it one with Registry.Add at the program's start, "
        + "before the first recipe is read, written or run.";

    static readonly Lock s_lock = new();
    static bool s_isUsed;

    /// <summary>Methods by name.</summary>
    public static IReadOnlyDictionary<string, Type> Methods { get; } = new Dictionary<string, Type>
    {
        ["labels"] = typeof(LabelsOnlyOptions),
        ["kd"] = typeof(SoftTargetsOptions),
        ["sdls"] = typeof(SelfDistillationOptions),
        ["reaugkd"] = typeof(RetrievalAugmentedOptions),
        ["beta"] = typeof(BetaSmoothingOptions),
        ["label-smoothing"] = typeof(LabelSmoothingOptions),
        ["confidence-penalty"] = typeof(ConfidencePenaltyOptions),
        ["hidden-states"] = typeof(HiddenStatesOptions),
        ["ckd"] = typeof(ContextualRelationsOptions),
        ["attention-maps"] = typeof(AttentionMapsOptions),
        ["amad"] = typeof(AttentionAlignmentOptions),
        ["dynabert"] = typeof(AdaptiveEncoderOptions),
        ["disk"] = typeof(ScaffoldedKnowledgeOptions),
        ["compress"] = typeof(AnchorSimilarityOptions),
        ["embedding-regression"] = typeof(EmbeddingRegressionOptions),
        ["sea"] = typeof(SpecializedEmbeddingOptions),
        ["rkd"] = typeof(RelationalDistillationOptions),
        ["contrastive"] = typeof(ContrastiveViewsOptions),
        ["sldd"] = typeof(SoftLabelDatasetOptions),
        ["tdd"] = typeof(SoftLabelDatasetOptions.TextDataset),
        ["real-subset"] = typeof(SoftLabelDatasetOptions.RealSubset),
        ["ddpg"] = typeof(DdpgOptions),
        ["ppo"] = typeof(PpoOptions),
        ["dpd"] = typeof(DualPolicyOptions),
        ["policy-kd"] = typeof(PolicyDistillationOptions),
    };

    /// <summary>Learners of methods that have several, by name.</summary>
    public static IReadOnlyDictionary<string, Type> Learners { get; } = new Dictionary<string, Type>
    {
        ["ddpg"] = typeof(DdpgOptions),
        ["ppo"] = typeof(PpoOptions),
    };

    /// <summary>Tasks by name.</summary>
    public static IReadOnlyDictionary<string, Type> Tasks { get; } = new Dictionary<string, Type>
    {
        ["classification"] = typeof(ClassificationOptions),
        ["multi-label"] = typeof(MultiLabelOptions),
        ["regression"] = typeof(RegressionOptions),
        ["embedding"] = typeof(EmbeddingOptions),
        ["return"] = typeof(ReturnOptions),
    };

    /// <summary>Networks by name.</summary>
    public static IReadOnlyDictionary<string, Type> Models { get; } = new Dictionary<string, Type>
    {
        ["mlp"] = typeof(MlpOptions),
        ["lenet"] = typeof(LeNetOptions),
        ["alex-cifar"] = typeof(AlexCifarNetOptions),
        ["convnet"] = typeof(ConvNetOptions),
        ["resnet"] = typeof(ResNetOptions),
        ["wide-resnet"] = typeof(WideResNetOptions),
        ["vgg"] = typeof(VggOptions),
        ["mobilenet-v2"] = typeof(MobileNetV2Options),
        ["torchvision-resnet"] = typeof(TorchvisionResNetOptions),
        ["torchvision-mobilenet-v2"] = typeof(TorchvisionMobileNetV2Options),
        ["torchvision-mobilenet-v3"] = typeof(TorchvisionMobileNetV3Options),
        ["l3-audio"] = typeof(L3AudioOptions),
        ["vit"] = typeof(VitOptions),
        ["vilt"] = typeof(ViltOptions),
        ["text-convnet"] = typeof(TextConvNetOptions),
        ["text-rnn"] = typeof(TextRnnOptions),
        ["bert"] = typeof(BertOptions),
        ["bert-pretrained"] = typeof(BertPretrainedOptions),
        ["deterministic-policy"] = typeof(DeterministicPolicyOptions),
        ["stochastic-policy"] = typeof(StochasticPolicyOptions),
    };

    /// <summary>Teachers by name.</summary>
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

    /// <summary>Codecs of a cached teacher by name.</summary>
    public static IReadOnlyDictionary<string, Type> Codecs { get; } = new Dictionary<string, Type>
    {
        ["float32"] = typeof(Float32Options),
        ["float16"] = typeof(Float16Options),
        ["top-k"] = typeof(TopKOptions),
    };

    /// <summary>Data sets by name.</summary>
    public static IReadOnlyDictionary<string, Type> Data { get; } = new Dictionary<string, Type>
    {
        ["toy"] = typeof(ToyOptions),
        ["look-up"] = typeof(LookUpOptions),
        ["topic-words"] = typeof(TopicWordsOptions),
        ["clusters"] = typeof(ClustersOptions),
        ["curved-clusters"] = typeof(CurvedClustersOptions),
        ["domains"] = typeof(DomainsOptions),
        ["idx"] = typeof(IdxOptions),
        ["csv"] = typeof(CsvOptions),
        ["tsv"] = typeof(TsvOptions),
        ["cifar"] = typeof(CifarOptions),
        ["image-folder"] = typeof(ImageFolderOptions),
        ["audio-folder"] = typeof(AudioFolderOptions),
        ["audio-table"] = typeof(AudioTableOptions),
        ["parquet"] = typeof(ParquetOptions),
        ["distilled"] = typeof(DistilledOptions),
        ["text"] = typeof(TextOptions),
        ["glue"] = typeof(GlueOptions),
        ["vqa"] = typeof(VisualQuestionOptions),
    };

    /// <summary>Environments by name.</summary>
    public static IReadOnlyDictionary<string, Type> Environments { get; } = new Dictionary<string, Type>
    {
        ["pendulum"] = typeof(PendulumOptions),
        ["mountain-car-continuous"] = typeof(MountainCarOptions),
        ["cart-pole"] = typeof(CartPoleOptions),
        ["mujoco"] = typeof(MuJoCoOptions),
    };

    /// <summary>Tokenizers by name.</summary>
    public static IReadOnlyDictionary<string, Type> Tokenizers { get; } = new Dictionary<string, Type>
    {
        ["learned"] = typeof(LearnedTokenizerOptions),
        ["pretrained"] = typeof(PretrainedTokenizerOptions),
        ["word-vectors"] = typeof(WordVectorsOptions),
    };

    /// <summary>Augmentations by name.</summary>
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

    /// <summary>Optimizers by name.</summary>
    public static IReadOnlyDictionary<string, Type> Optimizers { get; } = new Dictionary<string, Type>
    {
        ["sgd"] = typeof(SgdOptions),
        ["adam"] = typeof(AdamOptions),
        ["adamw"] = typeof(AdamWOptions),
    };

    /// <summary>Learning-rate schedulers by name.</summary>
    public static IReadOnlyDictionary<string, Type> Schedules { get; } = new Dictionary<string, Type>
    {
        ["constant"] = typeof(ConstantSchedulerOptions),
        ["step"] = typeof(StepSchedulerOptions),
        ["cosine"] = typeof(CosineSchedulerOptions),
        ["linear"] = typeof(LinearSchedulerOptions),
    };

    /// <summary>Kinds of options that are searched over by name.</summary>
    public static IReadOnlyDictionary<string, Type> Searched { get; } = new Dictionary<string, Type>
    {
        ["choice"] = typeof(ChoiceOptions),
        ["range"] = typeof(RangeOptions),
    };

    /// <summary>Search strategies by name.</summary>
    public static IReadOnlyDictionary<string, Type> Strategies { get; } = new Dictionary<string, Type>
    {
        ["grid"] = typeof(GridOptions),
        ["random"] = typeof(RandomOptions),
        ["halving"] = typeof(HalvingOptions),
    };

    /// <summary>Each family: its title on the page of keys, the record its members derive from, its members.</summary>
    public static IReadOnlyList<(string Word, Type Type, IReadOnlyDictionary<string, Type> Members)> Families { get; } =
    [
        ("Data sets", typeof(DataOptions), Data),
        ("Environments", typeof(EnvironmentOptions), Environments),
        ("Tokenizers", typeof(TokenizerOptions), Tokenizers),
        ("Augmentations", typeof(AugmentationOptions), Augmentations),
        ("Tasks", typeof(TaskOptions), Tasks),
        ("Networks", typeof(ModelOptions), Models),
        ("Teachers", typeof(TeacherOptions), Teachers),
        ("Cache codecs", typeof(CodecOptions), Codecs),
        ("Methods", typeof(MethodOptions), Methods),
        ("Learners", typeof(LearnerOptions), Learners),
        ("Optimizers", typeof(OptimizerOptions), Optimizers),
        ("Schedulers", typeof(SchedulerOptions), Schedules),
        ("Searched options", typeof(SearchedOptions), Searched),
        ("Search strategies", typeof(StrategyOptions), Strategies),
    ];

    /// <summary>
    /// Gives a program's own options their name in recipes, run folders and messages: the options of a data set, a
    /// network, a method, or another of the <see cref="Families"/>. Called at the program's start; a second call with
    /// the same name does nothing.
    /// </summary>
    /// <typeparam name="TOptions">A record that derives from that of a family and that JSON can hold.</typeparam>
    /// <param name="name">Small letters, digits and hyphens.</param>
    /// <exception cref="InvalidOperationException">
    /// The name or the record is taken, the record is of no family, or a recipe was read or written before.
    /// </exception>
    public static void Add<TOptions>(string name) where TOptions : class
    {
        CheckSpelling(name);
        var type = typeof(TOptions);
        var members = FamilyOf(type);
        lock (s_lock)
        {
            if (members.TryGetValue(name, out var taken))
            {
                if (taken == type) return;
                throw new InvalidOperationException(
                    $"\"{name}\" names {taken.Name} already: choose another name for {type.Name}.");
            }
            if (members.FirstOrDefault(member => member.Value == type).Key is { } other)
                throw new InvalidOperationException($"{type.Name} is called \"{other}\" already.");
            if (s_isUsed) throw new InvalidOperationException(
                $"{type.Name} comes too late for a name in recipes: {AddFirst}");
            members.Add(name, type);
        }
    }

    /// <summary>The paper of a method, from the attribute of its class.</summary>
    public static PaperAttribute Paper(string method) => Methods.TryGetValue(method, out var options)
        ? PaperClass(method, options).GetCustomAttribute<PaperAttribute>()!
        : throw new ArgumentException(
            $"There is no method \"{method}\"; {Spelling.Hint(method, [.. Methods.Keys])}", nameof(method));

    /// <summary>The class of a method: the one that is marked with its paper. Its file has its name.</summary>
    public static Type PaperClass(string method, Type options) => options.Assembly.GetTypes()
        .FirstOrDefault(type => type.GetCustomAttribute<PaperAttribute>()?.Key == method)
        ?? throw new InvalidOperationException(
            $"No class is marked [Paper(\"{method}\", …)], which the method \"{method}\" needs.");

    /// <summary>Tells the serializer the names of a family's members; it asks once for each type.</summary>
    internal static void AddNames(JsonTypeInfo info)
    {
        lock (s_lock)
        {
            s_isUsed = true;
            if (Families.FirstOrDefault(family => family.Type == info.Type).Members is not { } members) return;

            info.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "name" };
            foreach (var (name, type) in members) info.PolymorphismOptions.DerivedTypes.Add(new(type, name));
        }
    }

    static void CheckSpelling(string name)
    {
        var isSpelt = name.Length > 0 && char.IsAsciiLetterLower(name[0])
            && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
        if (!isSpelt) throw new ArgumentException(
            "A name in recipes begins with a small letter and has small letters, digits and hyphens; "
            + $"it is \"{name}\".", nameof(name));
    }

    static Dictionary<string, Type> FamilyOf(Type options)
    {
        // an environment is data too, and a learner a method: the nearest family counts
        var (_, record, members) = Families.LastOrDefault(family => family.Type.IsAssignableFrom(options)
            && family.Type != typeof(LearnerOptions));
        if (record is null || options.IsAbstract) throw new InvalidOperationException(
            $"A recipe cannot name {options.Name}: it must be a record that derives from one of "
            + $"{string.Join(", ", Families.Select(family => family.Type.Name))}, and not abstract.");
        return (Dictionary<string, Type>)members;
    }
}
