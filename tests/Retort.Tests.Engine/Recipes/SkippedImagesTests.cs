using Retort.Data.Images;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Tests.Data;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Images that a run leaves out are named while it runs and in its report.</summary>
public sealed class SkippedImagesTests
{
    [Fact]
    public void The_console_and_the_report_name_unreadable_images()
    {
        var files = DataFiles.Pets();
        files["train/cat/x.png"] = "hello"u8.ToArray();
        var recipe = new Recipe
        {
            Data = new ImageFolderOptions { Path = DataFiles.OnDisk(files), Size = 4, SkipUnreadable = true },
            Student = new MlpOptions { Hidden = [4] },
            Method = new LabelsOnlyOptions(),
            Training = new() { Epochs = 1, BatchSize = 4 },
            Seeds = 1,
            Threads = 1,
        };
        var heard = new Notes();
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder(), Jobs = 1 }, heard);

        const string text = "1 image cannot be read and was left out, as \"skipUnreadable\" says: ";
        Assert.Contains(heard.Lines, line => line.StartsWith(text, StringComparison.Ordinal));
        var finding = Reports.Read(run).Findings![0];
        var folder = ((ImageFolderOptions)recipe.Source).Path;
        Assert.Equal($"{text}{Path.Combine(folder, "train/cat/x.png")}.", finding.Text);
        Assert.Contains(text, File.ReadAllText(Path.Combine(run, "report.md")), StringComparison.Ordinal);
    }

    sealed class Notes : IProgress<TrainingProgress>
    {
        public List<string> Lines { get; } = [];

        public void Report(TrainingProgress value)
        {
            if (value.Note is { } note) Lines.Add(note);
        }
    }
}
