using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using static Retort.Methods.AttentionAlignmentOptions;
using static Retort.Methods.AttentionMapsOptions;

namespace Retort.Tests.Methods;

/// <summary>Which layers are compared, what is refused, and runs of texts and images.</summary>
public sealed class AttentionCheckTests
{
    [Theory]
    [InlineData(AttentionLayers.Uniform, 12, 6, "2 4 6 8 10 12")]
    [InlineData(AttentionLayers.Uniform, 12, 5, "2 5 7 10 12")]             // 2.4, 4.8, 7.2, 9.6
    [InlineData(AttentionLayers.Uniform, 3, 2, "2 3")]                      // 1.5
    [InlineData(AttentionLayers.Uniform, 4, 4, "1 2 3 4")]
    [InlineData(AttentionLayers.Uniform, 1, 3, "1 1 1")]                    // a deeper student
    [InlineData(AttentionLayers.Uniform, 2, 1, "2")]
    [InlineData(AttentionLayers.FirstAndLast, 12, 6, "1 3 5 8 10 12")]      // 3.2, 5.4, 7.6, 9.8
    [InlineData(AttentionLayers.FirstAndLast, 12, 2, "1 12")]
    [InlineData(AttentionLayers.FirstAndLast, 2, 4, "1 1 2 2")]             // 4/3, 5/3
    [InlineData(AttentionLayers.FirstAndLast, 3, 1, "3")]
    public void The_teachers_layer_for_each_of_the_students(
        AttentionLayers layers, int teacher, int student, string expected)
    {
        var pairs = new AttentionAlignmentOptions { Layers = layers }.Pairs(teacher, student);
        Assert.Equal(Enumerable.Range(0, student), pairs.Select(pair => pair.Student));
        Assert.Equal(expected, string.Join(' ', pairs.Select(pair => pair.Teacher + 1)));
    }

    [Fact]
    public void The_teachers_layers_can_be_named() => Assert.Equal(
        [(1, 0), (0, 1)], new AttentionMapsOptions { TeacherLayers = [2, 1] }.Pairs(teacher: 2, student: 2));

    [Theory]
    [InlineData(new[] { 3, 1 },
        "\"teacherLayers\" of the method \"amad\" must be from 1 to 2, the teacher's number of layers; 3 is among "
        + "them.")]
    [InlineData(new[] { 2 },
        "\"teacherLayers\" of the method \"amad\" must name a layer for each of the student's 2 layers; it names 1.")]
    public void Layers_that_the_networks_do_not_have(int[] layers, string message) => Refused(
        new AttentionAlignmentOptions { TeacherLayers = layers }, AttentionCases.Context(3, 2, 7) with
        {
            Teacher = AttentionCases.Shapes([3, 7, 7], [3, 7, 7]),
            Student = AttentionCases.Shapes([2, 7, 7], [2, 7, 7]),
        }, message);

    [Theory]
    [InlineData("\"teacherLayers\": [0]", "method.teacherLayers must be at least 1; it is 0.")]
    [InlineData("\"teacherLayers\": []", "method.teacherLayers must have at least one layer; it is empty.")]
    [InlineData("\"teacherLayers\": [1, 2], \"layers\": \"firstAndLast\"",
        "method.layers has no effect where teacherLayers is set: leave one of them out.")]
    [InlineData("\"labelWeight\": 0, \"logitWeight\": 0, \"attentionWeight\": 0",
        "method.attentionWeight must not be 0 where labelWeight and logitWeight are 0.")]
    public void Options_that_contradict_each_other(string options, string message)
    {
        var recipe = $$"""
            { "data": { "name": "look-up" }, "student": { "name": "bert" }, "method": { "name": "amad", {{options}} } }
            """;
        var error = Assert.Throws<InvalidDataException>(() => Recipe.Parse(recipe, "r.json"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_that_cannot_be_paired_one_to_one()
    {
        var options = new AttentionMapsOptions { Heads = ComparedHeads.OneToOne };
        Refused(options, AttentionCases.Context(6, 2, 7),
            "The method \"attention-maps\" with \"heads\": \"oneToOne\" needs as many heads in both networks; the "
            + "teacher has 6 and the student 2: set \"heads\" to \"mean\" or \"first\", or use the method \"amad\".");
        options.Build(AttentionCases.Context(2, 2, 7)).Dispose();
    }

    [Fact]
    public void Tokens_that_differ_between_teacher_and_student()
    {
        var context = AttentionCases.Context(3, 2, 7);
        var options = new AttentionAlignmentOptions();
        Refused(options, context with { Teacher = AttentionCases.Shapes([3, 17, 17]) },
            "The method \"amad\" compares attention among the same tokens, [heads, tokens, tokens]; the teacher's are "
            + "[3, 17, 17] and the student's [2, 7, 7].");
        Refused(options, context with { Data = context.Data with { TeacherInputs = context.Data.Inputs } },
            "The method \"amad\" compares attention among tokens, so teacher and student must have the same inputs; "
            + "this data gives the teacher inputs of its own.");
    }

    [Fact]
    public void Data_without_tokens_and_tasks_without_logits()
    {
        var context = AttentionCases.Context(3, 2, 7);
        Refused(new AttentionMapsOptions(),
            context with { Data = context.Data with { Inputs = [TensorSpec.Features(4)] } },
            "The method \"attention-maps\" compares attention maps and needs the input attention_mask, or "
            + "pixel_values for images; the data has features.");
        var labels = context.Data with { Targets = TargetKind.Labels };
        Refused(new AttentionAlignmentOptions(),
            context with { Data = labels, Task = new MultiLabelOptions().Build(labels) },
            "The method \"amad\" fits the tasks \"classification\" and \"regression\"; this run's task is "
            + "\"multi-label\".");
    }

    [Fact]
    public void Projections_of_too_many_tokens()
    {
        var options = new AttentionAlignmentOptions { Variant = AlignmentVariant.ProjectedKl };
        Refused(options, AttentionCases.Context(3, 2, 65),
            "The variant \"projectedKl\" of the method \"amad\" trains tokens⁴ weights for each layer and allows at "
            + "most 64 tokens; the data's longest example has 65.");
    }

    [Theory] // before anything is trained
    [InlineData("amad"), InlineData("attention-maps")]
    public void Networks_that_offer_no_attentions(string method)
    {
        var folder = TestRuns.Folder();
        var recipe = FewTokens.Recipe(Few.Options(method));
        var images = TestRuns.Recipe() with { Method = recipe.Method };
        Refuses(images, $"The method {method} needs attentions, and the teacher does not offer it; it offers logits, "
            + "embedding, hidden states. Choose another teacher or method; the option \"outputs\" of the teachers "
            + "\"onnx\" and \"torchscript\" can name more.");
        Refuses(recipe with { Teacher = null },
            $"The method {method} needs logits, attentions, and the recipe has no teacher.");

        void Refuses(Recipe unfit, string message)
        {
            Assert.Equal(message, Assert.Throws<InvalidOperationException>(
                () => Experiment.Run(unfit, new() { Folder = folder, Jobs = 1 })).Message);
            Assert.False(Directory.Exists(folder));
        }
    }

    [Fact]
    public void What_has_no_weight_is_not_required()
    {
        var context = AttentionCases.Context(3, 2, 7);
        using var plain = new AttentionMapsOptions { AttentionWeight = 0 }.Build(context);
        Assert.Equal(Output.Logits, plain.Requires);
        using var maps = new AttentionAlignmentOptions { LogitWeight = 0 }.Build(context);
        Assert.Equal(new(Output.Attentions, Output.Logits | Output.Attentions), maps.Requires);
    }

    [Theory]
    [InlineData(AlignmentVariant.Kl), InlineData(AlignmentVariant.ProjectedKl)]
    public void Vision_transformers_learn_from_one_with_more_heads_and_layers(AlignmentVariant variant)
    {
        var vit = new VitOptions { PatchSize = 14, Layers = 1, HiddenSize = 8, Heads = 2 };
        var recipe = TestRuns.Recipe() with
        {
            Teacher = new TrainedTeacherOptions
            {
                Network = vit with { Layers = 3, HiddenSize = 12, Heads = 3 },
                Training = new() { Epochs = 1, BatchSize = 16 },
            },
            Student = vit,
            Method = new AttentionAlignmentOptions { Variant = variant },
        };
        Assert.Equal(["labels", "soft", "attentions"], TermsOf(recipe));
    }

    [Fact]
    public void Encoders_of_texts_learn_from_a_cached_teacher()
    {
        var recipe = FewTokens.Recipe(new AttentionMapsOptions());
        var cached = recipe with
        {
            Teacher = new CachedTeacherOptions { Teacher = recipe.Teacher! },
        };
        Assert.Equal(["labels", "soft", "attentions"], TermsOf(cached));
    }

    // in the report
    static IEnumerable<string> TermsOf(Recipe recipe)
    {
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder(), Cores = 1 });
        return TestRuns.Json(Path.Combine(run, "results.json"))["lossTerms"]!["student"]!.AsObject()
            .Select(term => term.Key);
    }

    static void Refused(LossOptions options, MethodContext context, string message) => Assert.Equal(
        message, Assert.Throws<InvalidOperationException>(() => options.Build(context)).Message);
}
