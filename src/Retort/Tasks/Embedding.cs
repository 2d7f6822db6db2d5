using System.Runtime.CompilerServices;
using Retort.Runtime.Metrics;

namespace Retort.Tasks;

/// <summary>A vector for each example that is similar to the teacher's. Labels are not needed.</summary>
public sealed record EmbeddingOptions : TaskOptions
{
    /// <summary>The score that selects weights and that reports compare by.</summary>
    public EmbeddingScore Primary { get; init; } = EmbeddingScore.Cosine;

    public override LearningTask Build(DatasetInfo info) => new Embedding(this, info);
}

/// <summary>
/// Embeddings, scored by their similarity to the teacher's and, where the data has classes, by k-NN, a linear probe and
/// the alignment of clusters.
/// </summary>
/// <remarks>
/// k-NN, probe and clusters learn from the training split. At the end of an epoch only validation is predicted: k-NN is
/// then leave-one-out on validation, and replaces probe and clusters.
/// </remarks>
public sealed class Embedding : LearningTask
{
    static readonly Score[] s_all =
    [
        new("cosine", "cosine to the teacher", ScoreUnit.Number),
        new("mse", "MSE to the teacher", ScoreUnit.Number, HigherIsBetter: false),
        new("cka", "linear CKA to the teacher", ScoreUnit.Number),
        new("knn_1", "1-NN accuracy", ScoreUnit.Percent),
        new("knn_20", "20-NN accuracy", ScoreUnit.Percent),
        new("linear_probe", "linear probe accuracy", ScoreUnit.Percent),
        new("cluster_alignment", "cluster alignment", ScoreUnit.Percent),
    ];

    // by the predictions on the training split: one network is scored on several splits
    readonly ConditionalWeakTable<Predictions, LinearProbe> _probes = [];
    readonly DatasetInfo _info;
    readonly bool _hasClasses;

    /// <summary>Refuses a score by labels on data without classes.</summary>
    public Embedding(EmbeddingOptions options, DatasetInfo info)
    {
        _info = info;
        _hasClasses = info.Targets == TargetKind.Class;
        var primary = options.Primary switch
        {
            EmbeddingScore.Mse => "mse",
            EmbeddingScore.Cka => "cka",
            EmbeddingScore.Knn1 => "knn_1",
            EmbeddingScore.Knn20 => "knn_20",
            EmbeddingScore.LinearProbe => "linear_probe",
            EmbeddingScore.ClusterAlignment => "cluster_alignment",
            _ => "cosine",
        };
        if (!_hasClasses && options.Primary is EmbeddingScore.Knn1 or EmbeddingScore.Knn20
                or EmbeddingScore.LinearProbe or EmbeddingScore.ClusterAlignment)
            throw new InvalidOperationException(
                $"The task's primary score \"{primary}\" needs data with one class per example; "
                + $"this data has {TargetText.Of(info.Targets)}. Choose cosine, mse or cka.");
        Scores = [s_all.First(score => score.Name == primary), .. s_all.Where(score => score.Name != primary)];
    }

    public override string Name => "embedding";

    public override OutputKey Output => Contracts.Output.Embedding;

    public override IReadOnlyList<Score> Scores { get; }

    public override bool HasTargets => _hasClasses;

    public override bool ScoresNeedTeacher => Primary.Name is "cosine" or "mse" or "cka";

    /// <inheritdoc/>
    /// <remarks>It learns the classes and is selected by 20-NN accuracy.</remarks>
    public override LearningTask ForTeacher => !ScoresNeedTeacher ? this
        : _hasClasses ? new Embedding(new() { Primary = EmbeddingScore.Knn20 }, _info)
        : throw new InvalidOperationException("This data has no classes, so that the task \"embedding\" cannot train a "
            + "teacher on it: choose a teacher that is trained already (checkpoint, onnx or torchscript).");

    public override bool ScoresNeedTraining => _hasClasses;

    /// <inheritdoc/>
    /// <remarks>The control of labelled data: the cross-entropy of the network's own classifier.</remarks>
    public override Tensor SupervisedLoss(Batch batch, Outputs student) => _hasClasses
        ? batch.CrossEntropy(student.Logits)
        : throw new InvalidOperationException(
            "This data has no targets: the task \"embedding\" learns from a teacher.");

    public override void CheckWidth(int width, int teacherWidth)
    {
        if (Primary.Name is "cosine" or "mse" && width != teacherWidth) throw new InvalidOperationException(
            $"The task's primary score \"{Primary.Name}\" needs embeddings as wide as the teacher's; the student's "
            + $"width is {width} and the teacher's {teacherWidth}. Choose cka, or with labels knn_1, knn_20, "
            + "linear_probe or cluster_alignment.");
    }

    public override IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null)
    {
        PredictionCheck.Finite(predictions);
        var (values, width) = (predictions.Values, predictions.Width);
        var scores = new Dictionary<string, double>();
        if (teacher is not null)
        {
            PredictionCheck.SameExamples(predictions, teacher);
            CheckWidth(width, teacher.Width);
            if (teacher.Width == width)
            {
                scores["cosine"] = EmbeddingSimilarity.Cosine(values, teacher.Values, width);
                scores["mse"] = EmbeddingSimilarity.MeanSquaredError(values, teacher.Values);
            }
            scores["cka"] = EmbeddingSimilarity.LinearCka(values, width, teacher.Values, teacher.Width);
        }
        if (!_hasClasses || training is null) return scores;

        scores["knn_1"] = Knn(predictions, training, 1);
        scores["knn_20"] = Knn(predictions, training, 20);
        scores["linear_probe"] = _probes.GetValue(
            training, network => new LinearProbe(network, _info.Classes.Count)).Accuracy(predictions);
        scores["cluster_alignment"] = ClusterAlignment.Accuracy(training, predictions, _info.Classes.Count);
        return scores;
    }

    public override IReadOnlyDictionary<string, double> EvaluateEpoch(Predictions predictions, Predictions? teacher)
    {
        if (ScoresNeedTeacher) return new Dictionary<string, double>
        {
            [Primary.Name] = Evaluate(predictions, teacher).TryGetValue(Primary.Name, out var found) ? found
                : throw new InvalidOperationException(
                    $"The score \"{Primary.Name}\" compares with a teacher's embeddings, and this run has no teacher."),
        };
        var k = Primary.Name == "knn_1" ? 1 : 20;
        return new Dictionary<string, double>
        {
            [Primary.Name] = NearestNeighbors.Accuracy(predictions.Values, predictions.Labels, predictions.Values,
                predictions.Labels, predictions.Width, k, leaveOneOut: true),
        };
    }

    static double Knn(Predictions queries, Predictions memory, int k) => NearestNeighbors.Accuracy(
        queries.Values, queries.Labels, memory.Values, memory.Labels, queries.Width, k);
}
