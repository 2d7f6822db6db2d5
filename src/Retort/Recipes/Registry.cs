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
public static partial class Registry
{
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
}
