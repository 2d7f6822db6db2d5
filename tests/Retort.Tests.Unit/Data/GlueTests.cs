using Retort.Data.Text;

namespace Retort.Tests.Data;

/// <summary>Files in the layouts of GLUE's nine tasks, each with its quirks.</summary>
public sealed class GlueTests
{
    // one line of names, or none, and one of an example for each task; \ufeff is the byte order mark
    public static TheoryData<GlueTask, string, string, string, string?, string> Layouts() => new()
    {
        { GlueTask.Cola, "", "gj04\t{0}\t\tA \"b\" c.", "A \"b\" c.", null, "1" },
        { GlueTask.Sst2, "sentence\tlabel\n", "a b \t{0}", "a b", null, "1" },
        {
            GlueTask.Mrpc, "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n", "{0}\t7\t8\t\" a b\tc .", "\" a b",
            "c .", "1"
        },
        {
            GlueTask.Qqp, "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n", "3\t1\t2\ta?\tb?\t{0}", "a?",
            "b?", "1"
        },
        { GlueTask.Qnli, "index\tquestion\tsentence\tlabel\n", "3\ta?\tb.\t{0}", "a?", "b.", "not_entailment" },
        { GlueTask.Rte, "index\tsentence1\tsentence2\tlabel\n", "3\ta.\tb.\t{0}", "a.", "b.", "not_entailment" },
        { GlueTask.Wnli, "index\tsentence1\tsentence2\tlabel\n", "3\ta.\tb.\t{0}", "a.", "b.", "1" },
        {
            GlueTask.Mnli, "index\tpromptID\tsentence1\tsentence2\tlabel1\tgold_label\n", "3\t4\ta.\tb.\tx\t{0}", "a.",
            "b.", "contradiction"
        },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Each_task_has_its_columns(
        GlueTask task, string names, string line, string text, string? second, string last)
    {
        var layout = GlueLayout.Of(task, isMismatched: false);
        var rows = string.Join('\n', layout.Classes!.Select(name => string.Format(null, line, name)));
        var folder = Write(("train.tsv", names + rows), (layout.DevFile, names + string.Format(null, line, last)));
        var examples = (TextExamples)new GlueOptions { Path = folder, Task = task }.Read();
        Assert.Equal(layout.Classes, examples.Classes);
        Assert.Equal((text, second), (examples.Rows[0].Text, examples.Rows[0].Second));
        Assert.Equal((1, layout.Classes!.Count - 1), (examples.OwnTest, examples.Labels[^1]));
    }

    // GLUE's metrics (arXiv:1804.07461, table 1); of MRPC accuracy stands beside F1
    [Theory]
    [InlineData(GlueTask.Cola, "mcc", "accuracy")]
    [InlineData(GlueTask.Mrpc, "f1", "accuracy")]
    [InlineData(GlueTask.Stsb, "spearman", "pearson")]
    [InlineData(GlueTask.Sst2, "accuracy", "nll")]
    [InlineData(GlueTask.Qqp, "accuracy", "nll")]
    [InlineData(GlueTask.Mnli, "accuracy", "nll")]
    [InlineData(GlueTask.Qnli, "accuracy", "nll")]
    [InlineData(GlueTask.Rte, "accuracy", "nll")]
    [InlineData(GlueTask.Wnli, "accuracy", "nll")]
    public void A_recipe_without_a_task_goes_by_Glues_metric(GlueTask task, string primary, string second)
    {
        var layout = GlueLayout.Of(task, isMismatched: false);
        var info = new DatasetInfo
        {
            Targets = layout.Classes is null ? TargetKind.Values : TargetKind.Class,
            Classes = layout.Classes ?? ["score"],
            Inputs = [],
            UsualScore = layout.Score,
        };
        var found = Retort.Recipes.Recipe.TaskOf(info).Build(info);
        Assert.Equal((primary, second), (found.Primary.Name, found.Scores[1].Name));
    }

    [Fact] // it is in config.json, so that evaluate and report select by it too
    public void The_metric_is_the_datas_and_a_task_of_the_recipe_overrides_it()
    {
        const string Line = "gj04\t{0}\t\tA b c.\n";
        var rows = string.Concat(Enumerable.Range(0, 40).Select(i => string.Format(null, Line, i % 2)));
        var folder = Write(("train.tsv", rows), ("dev.tsv", rows));
        var options = new GlueOptions { Path = folder, Task = GlueTask.Cola };
        var info = options.Open().Info;
        var json = System.Text.Json.JsonSerializer.Serialize(info, Json.Indented);
        var read = System.Text.Json.JsonSerializer.Deserialize<DatasetInfo>(json, Json.Indented)!;
        Assert.Equal("mcc", Retort.Recipes.Recipe.TaskOf(read).Build(read).Primary.Name);
        var recipe = new Retort.Recipes.Recipe
        {
            Name = "cola", Data = options, Student = new Retort.Models.BertOptions(),
            Method = new Retort.Methods.LabelsOnlyOptions(),
        };
        Assert.Equal("mcc", recipe.TaskOn(info).Primary.Name);
        Assert.Equal(
            "accuracy", (recipe with { Task = new Retort.Tasks.ClassificationOptions() }).TaskOn(info).Primary.Name);
    }

    [Fact]
    public void Similarity_has_values()
    {
        const string Names = "index\tgenre\tsentence1\tsentence2\tscore\n";
        var folder = Write(
            ("train.tsv", Names + "0\tx\ta\tb\t5.000\n1\tx\tc\td\t2.5"), ("dev.tsv", Names + "0\tx\te\tf\t0.25\n"));
        var examples = new GlueOptions { Path = folder, Task = GlueTask.Stsb }.Read();
        Assert.Equal([5, 2.5f, 0.25f], examples.KnownTargets!.Select(values => values[0]));
    }

    [Fact]
    public void Mnli_has_two_development_sets()
    {
        const string Names = "sentence1\tsentence2\tgold_label\n";
        const string Training = Names + "a\tb\tneutral\na\tb\tentailment\na\tb\tcontradiction\n";
        var folder = Write(("train.tsv", Training), ("dev_matched.tsv", Names + "m\tb\tneutral\n"),
            ("dev_mismatched.tsv", Names + "x\tb\tneutral\n"));
        Assert.Equal("m", Last(new() { Path = folder, Task = GlueTask.Mnli }));
        Assert.Equal("x", Last(new() { Path = folder, Task = GlueTask.Mnli, Mismatched = true }));

        static string Last(GlueOptions options) => ((TextExamples)options.Read()).Rows[^1].Text;
    }

    [Fact] // QQP's training set has a few lines that end too early
    public void Broken_lines_of_Qqp_are_counted()
    {
        const string Names = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n";
        var training = Names + "0\t1\t2\ta\tb\t0\n1\t3\n2\t1\t2\tc\td\t1\n";
        var folder = Write(("train.tsv", training), ("dev.tsv", Names + "0\t1\t2\ta\tb\t0\n"));
        var examples = new GlueOptions { Path = folder, Task = GlueTask.Qqp }.Read();
        Assert.Equal(["1 lines of train.tsv have too few columns and are left out"], examples.Notes);
        Assert.Contains("must have 4 columns; it has 2", Assert.Throws<InvalidDataException>(() => new GlueOptions
        {
            Path = Write(("train.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\n")), Task = GlueTask.Rte,
        }.Read()).Message);
    }

    static string Write(params (string Name, string Text)[] files) => DataFiles.OnDisk(files.ToDictionary(
        file => file.Name, file => System.Text.Encoding.UTF8.GetBytes(file.Text)));
}
