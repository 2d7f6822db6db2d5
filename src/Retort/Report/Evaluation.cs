using Retort.Runs;
using System.Globalization;
using Retort.Runtime.Metrics;
using Retort.Training;

namespace Retort.Report;

/// <summary>One network's figures on one part of the data.</summary>
/// <param name="Accuracy">The share of right answers.</param>
/// <param name="Nll">Mean of -ln p(label), nats.</param>
/// <param name="Ece">Calibration error, ten bins.</param>
/// <param name="Agreement">The share of answers that are the teacher's; null without one.</param>
/// <param name="Kl">From the teacher to the student, nats; null without a teacher.</param>
public sealed record Evaluation(double Accuracy, double Nll, double Ece, double? Agreement, double? Kl)
{
    /// <summary>Measures answers; the teacher's, where given, must be to the same examples in the same order.</summary>
    public static Evaluation Of(Predictions answers, Predictions? teacher = null)
    {
        var accuracy = Runtime.Metrics.Accuracy.Of(answers.Values, answers.Labels);
        var (nll, ece) = (Likelihood.Nll(answers.Values, answers.Labels), Calibration.ExpectedError(answers.Values, answers.Labels));
        if (teacher is null) return new(accuracy, nll, ece, null, null);

        if (!answers.Ids.AsSpan().SequenceEqual(teacher.Ids) || !answers.Labels.AsSpan().SequenceEqual(teacher.Labels))
            throw new InvalidOperationException(
                "Teacher and student answered to different examples: compare predictions of the same part of the same data.");
        var agreement = TeacherAgreement.Agreement(teacher.Values, answers.Values, answers.Width);
        var taught = Runtime.Metrics.Accuracy.Of(teacher.Values, teacher.Labels);
        if (!TeacherAgreement.IsPossible(agreement, accuracy, taught))
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"An agreement of {agreement} is impossible with accuracies of {accuracy} and {taught}: "
                + $"this is a defect of Retort, please report it."));
        return new(accuracy, nll, ece, agreement, TeacherAgreement.KlDivergence(teacher.Values, answers.Values, answers.Width));
    }
}
