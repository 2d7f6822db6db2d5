using Retort.Runtime.Metrics;

namespace Retort.Tasks;

/// <summary>One class for each example, predicted by the logits.</summary>
public sealed class Classification : LearningTask
{
    static readonly Score s_accuracy = new("accuracy", "accuracy", ScoreUnit.Percent);
    static readonly Score s_nll = new("nll", "NLL", ScoreUnit.Nats, HigherIsBetter: false)
    {
        Meaning = "how good the probabilities are, whether the prediction is correct or not: the mean of −ln p(label)",
    };

    static readonly Score s_f1 = new("f1", "F1", ScoreUnit.Percent)
    {
        Meaning = "of the second class: 2 TP / (2 TP + FP + FN)",
    };

    static readonly Score[] s_all =
    [
        s_accuracy, s_nll,
        new("ece", "ECE", ScoreUnit.Percent, HigherIsBetter: false)
        {
            Meaning = "how far confidence is from accuracy",
        },
        new("macro_f1", "macro F1", ScoreUnit.Percent)
        {
            Meaning = "the mean over classes of each class's F1",
        },
        new("mcc", "MCC", ScoreUnit.Number)
        {
            Meaning = "Matthews' correlation coefficient of labels and predictions",
        },
        new("agreement", "agreement with the teacher", ScoreUnit.Percent)
        {
            Meaning = "the share of examples for which it predicts what the teacher predicts, correct or not",
        },
        new("kl", "KL from the teacher", ScoreUnit.Nats, HigherIsBetter: false)
        {
            Meaning = "how far its probabilities are from the teacher's",
        },
    ];

    readonly int _classes;

    /// <summary>Refuses data without classes.</summary>
    public Classification(ClassificationOptions options, DatasetInfo info)
    {
        if (info.Targets != TargetKind.Class || info.Classes.Count == 0) throw new InvalidOperationException(
            "The task \"classification\" needs data with one class per example; "
            + $"this data has {TargetText.Of(info.Targets)}.");
        if (info.Classes is [var only]) throw new InvalidOperationException(
            "The task \"classification\" needs data with at least two classes; "
            + $"this data has one, \"{only}\".");
        var primary = options.Primary switch
        {
            ClassificationScore.MacroF1 => "macro_f1",
            ClassificationScore.Mcc => "mcc",
            ClassificationScore.Nll => "nll",
            ClassificationScore.F1 => "f1",
            _ => "accuracy",
        };
        _classes = info.Classes.Count;
        if (primary == s_f1.Name && _classes != 2) throw new InvalidOperationException(Invariant(
            $"task.primary \"f1\" is the F1 of the second of two classes; this data has {_classes}: ")
            + "choose \"macroF1\".");
        Scores =
        [
            s_all.Prepend(s_f1).First(score => score.Name == primary), .. s_all.Where(score => score.Name != primary),
        ];
    }

    public override string Name => "classification";

    public override OutputKey Output => Contracts.Output.Logits;

    public override IReadOnlyList<Score> Scores { get; }

    public override Score? TieBreaker => Primary == s_nll ? null : s_nll;

    public override bool HasTargets => true;

    public override bool HasClassProbabilities => true;

    public override Tensor SupervisedLoss(Batch batch, Outputs student) => batch.CrossEntropy(student.Logits);

    public override IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null)
    {
        var (logits, labels, classes) = (predictions.Values, predictions.Labels, predictions.Width);
        var accuracy = Accuracy.Of(logits, labels);
        var confusions = ConfusionMatrix.Of(logits, labels);
        var scores = new Dictionary<string, double>
        {
            ["accuracy"] = accuracy,
            ["nll"] = Likelihood.Nll(logits, labels),
            ["ece"] = Calibration.ExpectedError(logits, labels),
            ["macro_f1"] = confusions.MacroF1,
            ["mcc"] = confusions.Mcc,
        };
        if (Primary == s_f1) scores[s_f1.Name] = confusions.F1(1);
        if (teacher is null) return scores;

        PredictionCheck.SameExamples(predictions, teacher);
        var agreement = TeacherAgreement.Agreement(teacher.Values, logits, classes);
        var teacherAccuracy = Accuracy.Of(teacher.Values, teacher.Labels);
        if (!TeacherAgreement.IsPossible(agreement, accuracy, teacherAccuracy)) throw new InvalidOperationException(
            Invariant($"An agreement of {agreement} is impossible with accuracies of {accuracy} ")
            + Invariant($"and {teacherAccuracy}: ") + "this is a defect of Retort, please report it.");
        scores["agreement"] = agreement;
        scores["kl"] = TeacherAgreement.KlDivergence(teacher.Values, logits, classes);
        return scores;
    }

    public override IReadOnlyDictionary<string, double> EvaluateEpoch(Predictions predictions, Predictions? teacher)
    {
        var scores = new Dictionary<string, double>
        {
            ["accuracy"] = Accuracy.Of(predictions.Values, predictions.Labels),
            ["nll"] = Likelihood.Nll(predictions.Values, predictions.Labels),
        };
        if (!scores.ContainsKey(Primary.Name)) scores[Primary.Name] = Evaluate(predictions)[Primary.Name];
        return scores;
    }

    internal override double? WorstClass(Predictions predictions) => ConfusionCounts.Counts(predictions)
        .Select((row, label) => (Correct: row[label], All: row.Sum()))
        .Where(one => one.All > 0).Min(one => (double)one.Correct / one.All);

    internal override ExampleChanges Changes(IReadOnlyList<(Predictions One, Predictions Other)> pairs)
    {
        var (gained, lost) = (0, 0);
        foreach (var (one, other) in pairs)
        {
            var (first, second) = (ConfusionCounts.PredictedClasses(one), ConfusionCounts.PredictedClasses(other));
            for (var i = 0; i < one.Count; i++)
            {
                if (first[i] == one.Labels[i] && second[i] != other.Labels[i]) gained++;
                if (first[i] != one.Labels[i] && second[i] == other.Labels[i]) lost++;
            }
        }
        return new(gained, lost, pairs.Count, pairs[0].One.Count);
    }

    internal override double? LossOfGuessing => Math.Log(_classes);

    internal override IEnumerable<Finding> Findings(RunPredictions run) => new ClassificationFindings(this, run).All();

    internal override TaskDetails Details(RunPredictions run)
    {
        var shares = ConfusionShares.Of(run);
        var details = new ClassificationFigures(run, shares).Compute();
        return new(details, [.. new ClassificationSections(run, details, shares).All()]);
    }

    /// <inheritdoc/>
    /// <remarks>Accuracies are subtracted as counts, so that equal differences stay equal.</remarks>
    public override double Difference(Predictions student, Predictions control,
        IReadOnlyDictionary<string, double> studentScores, IReadOnlyDictionary<string, double> controlScores)
    {
        if (Primary != s_accuracy) return base.Difference(student, control, studentScores, controlScores);

        var controlCorrect = Accuracy.CorrectCount(control.Values, control.Labels);
        var studentCorrect = Accuracy.CorrectCount(student.Values, student.Labels);
        return (double)(studentCorrect - controlCorrect) / student.Count;
    }
}
