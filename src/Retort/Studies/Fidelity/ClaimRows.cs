using Retort.Recipes;
using System.Text.Json;
using Retort.Report;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>The raw rows of a study: made from what its networks left, written a line each.</summary>
static class ClaimRows
{
    /// <summary>The file's name in a study's folder.</summary>
    public const string FileName = "rows.jsonl";

    /// <summary>All rows, in the order of the plan.</summary>
    public static IReadOnlyList<ClaimRow> Of(string run, FidelityPlan plan)
    {
        var failed = new Dictionary<string, bool>();
        var known = new Dictionary<string, (Predictions Own, Predictions Teacher)>();
        return [.. plan.Students.Select(Row)];

        ClaimRow Row(Planned planned)
        {
            var row = new ClaimRow
            {
                Claim = planned.Claim.Id, Arm = planned.Arm.Name, X = planned.Arm.X, Seed = planned.Seed,
                Student = planned.Student,
                Teachers = [.. plan[planned.Student].Teachers.Select(FidelityPlan.Name)],
                Failed = With(planned.Student).Concat(With(planned.Control)).FirstOrDefault(Failed),
            };
            if (row.Failed is not null) return row;
            var (own, teacher) = Answers(planned.Student);
            var (control, _) = Answers(planned.Control);
            var measured = JsonFile.Read<DistillationMeasures>(
                Path.Combine(StudyRunner.Folder(run, planned.Student), "distillation.json"),
                "what a student does on its distillation data");
            var beside = planned.Claim.DecidedOnItsData ? StudyRunner.Beside(run, planned) : null;
            var (labels, classes) = (own.Labels, own.Width);
            return row with
            {
                Figures = new()
                {
                    TeacherAccuracy = Accuracy.Of(teacher.Values, labels),
                    TeacherNll = Likelihood.Nll(teacher.Values, labels),
                    TeacherEce = Calibration.ExpectedError(teacher.Values, labels),
                    Accuracy = Accuracy.Of(own.Values, labels), Nll = Likelihood.Nll(own.Values, labels),
                    Ece = Calibration.ExpectedError(own.Values, labels),
                    Agreement = TeacherAgreement.Agreement(teacher.Values, own.Values, classes),
                    Kl = TeacherAgreement.KlDivergence(teacher.Values, own.Values, classes),
                    TrainAgreement = measured.Agreement, TrainKl = measured.Kl, Loss = measured.Loss,
                    Floor = measured.Floor, Excess = measured.Excess,
                    Cka = measured.Cka,
                },
                Control = new(planned.Control, Accuracy.Of(control.Values, labels),
                    TeacherAgreement.Agreement(teacher.Values, control.Values, classes),
                    TeacherAgreement.KlDivergence(teacher.Values, control.Values, classes))
                {
                    TrainAgreement = beside?.Agreement, Excess = beside?.Excess,
                },
            };
        }

        IEnumerable<string> With(string student) => plan[student].Teachers.Select(FidelityPlan.Name).Append(student);

        bool Failed(string name) =>
            failed.TryGetValue(name, out var found) ? found : failed[name] = StudyRunner.Failed(run, name);

        (Predictions Own, Predictions Teacher) Answers(string name)
        {
            if (known.TryGetValue(name, out var found)) return found;
            var path = Path.Combine(StudyRunner.Folder(run, name), "predictions.safetensors");
            return known[name] = (PredictionsFile.Read(path, "test"), PredictionsFile.Read(path, "teacher"));
        }
    }

    /// <summary>Writes them whole.</summary>
    public static void Write(string run, IReadOnlyList<ClaimRow> rows) =>
        AtomicFile.Write(Path.Combine(run, FileName), string.Concat(rows.Select(row => Line(row) + "\n")));

    /// <summary>One row as it stands in the file.</summary>
    public static string Line(ClaimRow row) => JsonSerializer.Serialize(row, Json.Line);

    /// <summary>Reads them back; throws with the line that is no row.</summary>
    public static IReadOnlyList<ClaimRow> Read(string run)
    {
        var path = Path.Combine(run, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is missing: a finished study has its raw rows there.");
        var rows = JsonFile.ReadLines<ClaimRow>(path, "a row of a study");
        foreach (var (i, row) in rows.Index())
            if (row.Found is null == row.Failed is null) throw new InvalidDataException(FormattableString.Invariant(
                $"{path}, line {i + 1} does not describe a row of a study: ")
                + "it must have either figures or the network whose training failed.");
        return rows;
    }
}
