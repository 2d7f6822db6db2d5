using Retort.Data;
using Retort.Data.Augmentation;
using Retort.Methods;
using Retort.Recipes;
using Retort.Tasks;
using Retort.Tests.Contract;

namespace Retort.Tests.Methods;

/// <summary>What needs class probabilities or class labels is refused for tasks and data without them.</summary>
public sealed class TaskRefusalTests
{
    static readonly float[] s_targets = [1, 3];
    static readonly float[] s_logits = [2, 5];

    static readonly DatasetInfo Values = Few.Data.Info with { Targets = TargetKind.Values, Classes = ["score"] };

    static LearningTask Regression => new RegressionOptions().Build(Values);

    [Theory]
    [InlineData("kd")]
    [InlineData("label-smoothing")]
    [InlineData("confidence-penalty")]
    [InlineData("beta")]
    public void A_loss_of_class_probabilities_refuses_a_task_without_them(string method)
    {
        var context = Few.MethodContext with { Task = Regression, Data = Values };
        var error = Assert.Throws<InvalidOperationException>(() => Few.Options(method).Build(context));
        Assert.Equal($"The method \"{method}\" compares class probabilities, which only the task \"classification\" "
            + "has; this run's task is \"regression\".", error.Message);
    }

    [Fact]
    public void Self_distillation_refuses_such_a_task_before_it_trains()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => new SelfDistillationOptions().Build().Check(Regression));
        Assert.StartsWith("The method \"sdls\" compares class probabilities", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_loss_of_the_labels_fits_every_task()
    {
        var context = Few.MethodContext with { Task = Regression, Data = Values };
        using var method = new LabelsOnlyOptions().Build(context);
        using var scope = torch.NewDisposeScope();
        var batch = new Batch
        {
            Inputs = new(), Labels = torch.full([2], -1L), Labelled = 0, Ids = [0, 1],
            Targets = s_targets.ToTensor(2, 1),
        };
        var student = new Outputs { Logits = s_logits.ToTensor(2, 1) };
        var terms = method.Compute(batch, new(), student);
        Assert.Equal(2.5, terms.Total.ToSingle());                          // ((2 − 1)² + (5 − 3)²) / 2
    }

    [Fact]
    public void Mixup_and_label_noise_refuse_data_without_classes()
    {
        Assert.Equal(
            "t.csv has no class labels: the augmentation \"mixup\" mixes class labels, so leave it out.",
            Refused(new CsvOptions { Path = "t.csv", Label = "y", Augmentation = [new MixupOptions()] }));
        Assert.Equal(
            "t.csv has no class labels: the option \"labelNoise\" replaces class labels, so leave it out.",
            Refused(new CsvOptions { Path = "t.csv", Label = "y", LabelNoise = 0.1 }));
    }

    static string Refused(FileDataOptions options)
    {
        var examples = new TableExamples([[1], [2], [3], [4], [5], [6], [7], [8]])
        {
            Name = "t", Targets = TargetKind.Values, Classes = ["score"], Labels = [0, 0, 0, 0, 0, 0, 0, 0],
        };
        return Assert.Throws<InvalidDataException>(() => options.Build(examples)).Message;
    }
}
