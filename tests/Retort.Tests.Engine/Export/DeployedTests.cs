using Retort.Report;
using Retort.Runs;
using Retort.Data;
using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runtime;
using Retort.Tests.Contract;
using Retort.Tests.Data;
using Retort.Tests.Recipes;
using Retort.Training;

namespace Retort.Tests.Export;

/// <summary>The whole way: trained, exported, opened by Runtime, asked about the file it was trained on.</summary>
public sealed class DeployedTests
{
    // what training's reader made of a row, and what a deployed student is given of it, lead to the same logits
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_deployed_student_has_the_predictions_of_its_run_for_the_rows_of_a_file(bool pixels)
    {
        var table = DataFiles.Shipped("digits/digits.csv.gz");
        var run = TestRuns.Folder();
        Experiment.Run(new()
        {
            Name = "digits",
            Data =
                new CsvOptions { Path = table, Pixels = pixels ? new() { Height = 8, Width = 8, Scale = 16 } : null },
            Student = new MlpOptions { Hidden = [8] },
            Method = new LabelsOnlyOptions(),
            Training = new() { Epochs = 1 },
            Seeds = 1,
            Threads = 1,
        }, new() { Folder = run, Cores = 1 });
        var folder = Path.Combine(Few.Folder(), "student");
        StudentFolder.Write(run, new() { Folder = folder, IncludeInt8 = true, IncludeFloat16 = true });
        Student.Verify(folder);
        var known = PredictionsFile.Read(
            Path.Combine(run, "networks", "student-seed1", "predictions.safetensors"), "test");

        Asked(folder, null, 1e-4);
        Asked(folder, "float16", 5e-2);
        Asked(folder, "int8", 1);

        void Asked(string folder, string? variant, double tolerance)
        {
            using var student = Student.Open(folder, variant);
            var rows =
                new InferenceData(student.InputName, student.ImageSize, student.Scale, "-1").Read(table).ToList();
            Assert.Equal((1797, $"{table}:2"), (rows.Count, rows[0].Name));
            var logits = new float[known.Width];
            for (var i = 0; i < known.Ids.Length; i++)
            {
                student.Logits(rows[(int)known.Ids[i]].Numbers, logits);
                for (var k = 0; k < logits.Length; k++)
                {
                    var wanted = known.Values[i * logits.Length + k];
                    Assert.Equal(wanted, logits[k], tolerance * Math.Max(1, Math.Abs(wanted)));
                }
            }
        }
    }
}
