using System.Text.Json;
using Retort.Runtime.Metrics;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>The raw rows of a study, computed from its networks' files; written one on each line.</summary>
static class ClaimRows
{
    /// <summary>The file's name in a study's folder.</summary>
    public const string FileName = "rows.jsonl";

    /// <summary>Computes all rows, in the order of the plan.</summary>
    public static IReadOnlyList<ClaimRow> Of(string run, FidelityPlan plan)
    {
        var failed = new Dictionary<string, bool>();
        var known = new Dictionary<string, (Predictions Student, Predictions Teacher)>();
        return [.. plan.Students.Select(Row)];

        ClaimRow Row(PlannedStudent planned)
        {
            var row = new ClaimRow
            {
                Claim = planned.Claim.Id,
                Arm = planned.Arm.Name,
                X = planned.Arm.X,
                Seed = planned.Seed,
                Student = planned.Student,
                Teachers = [.. plan[planned.Student].Teachers.Select(FidelityPlan.Name)],
                Failed = WithTeachers(planned.Student).Concat(WithTeachers(planned.Control)).FirstOrDefault(HasFailed),
            };
            return row.Failed is not null ? row : row with
            {
                Figures = Figures(run, planned.Student, PredictionsOf(planned.Student)),
                Control = Control(run, planned, PredictionsOf(planned.Student), PredictionsOf(planned.Control).Student),
            };
        }

        IEnumerable<string> WithTeachers(string student) =>
            plan[student].Teachers.Select(FidelityPlan.Name).Append(student);

        bool HasFailed(string name) =>
            failed.TryGetValue(name, out var found) ? found : failed[name] = StudyFolder.HasFailed(run, name);

        (Predictions Student, Predictions Teacher) PredictionsOf(string name)
        {
            if (known.TryGetValue(name, out var found)) return found;

            var path = Path.Combine(StudyFolder.Of(run, name), PredictionsFile.Name);
            return known[name] = (PredictionsFile.Read(path, "test"), PredictionsFile.Read(path, "teacher"));
        }
    }

    /// <summary>Writes all rows; the file is complete or not there.</summary>
    public static void Write(string run, IReadOnlyList<ClaimRow> rows) =>
        AtomicFile.Write(Path.Combine(run, FileName), string.Concat(rows.Select(row => Line(row) + "\n")));

    /// <summary>A row as a line of the file.</summary>
    public static string Line(ClaimRow row) => JsonSerializer.Serialize(row, Json.Line);

    /// <summary>Reads the rows; an error names the line.</summary>
    public static IReadOnlyList<ClaimRow> Read(string run)
    {
        var path = Path.Combine(run, FileName);
        if (!File.Exists(path)) throw new InvalidDataException(
            $"{path} is missing: a finished study has its raw rows there.");

        var rows = JsonFile.ReadLines<ClaimRow>(path, "a row of a study");
        foreach (var (i, row) in rows.Index())
            if (row.Found is null == row.Failed is null) throw new InvalidDataException(
                Invariant($"{path}, line {i + 1} does not describe a row of a study: ")
                + "it must have either figures or the network whose training failed.");
        return rows;
    }

    static RowFigures Figures(string run, string student, (Predictions Student, Predictions Teacher) predictions)
    {
        var measured = StudyFolder.ReadMeasures(run, student);
        var (own, teacher) = (predictions.Student.Values, predictions.Teacher.Values);
        var (labels, classes) = (predictions.Student.Labels, predictions.Student.Width);
        return new()
        {
            TeacherAccuracy = Accuracy.Of(teacher, labels),
            TeacherNll = Likelihood.Nll(teacher, labels),
            TeacherEce = Calibration.ExpectedError(teacher, labels),
            Accuracy = Accuracy.Of(own, labels),
            Nll = Likelihood.Nll(own, labels),
            Ece = Calibration.ExpectedError(own, labels),
            Agreement = TeacherAgreement.Agreement(teacher, own, classes),
            Kl = TeacherAgreement.KlDivergence(teacher, own, classes),
            TrainAgreement = measured.Agreement,
            TrainKl = measured.Kl,
            Loss = measured.Loss,
            Floor = measured.Floor,
            Excess = measured.Excess,
            Cka = measured.Cka,
        };
    }

    static RowControl Control(string run, PlannedStudent planned,
        (Predictions Student, Predictions Teacher) predictions, Predictions control)
    {
        var measured = planned.Claim.DecidedOnItsData ? StudyFolder.ReadControlMeasures(run, planned) : null;
        var teacher = predictions.Teacher.Values;
        var (labels, classes) = (predictions.Student.Labels, predictions.Student.Width);
        return new(planned.Control, Accuracy.Of(control.Values, labels),
            TeacherAgreement.Agreement(teacher, control.Values, classes),
            TeacherAgreement.KlDivergence(teacher, control.Values, classes))
        {
            TrainAgreement = measured?.Agreement,
            Excess = measured?.Excess,
        };
    }
}
