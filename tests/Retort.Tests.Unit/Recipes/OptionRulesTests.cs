using System.Text.Json.Nodes;
using Retort.Data;
using Retort.Data.Augmentation;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Teachers;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Options that are made in code obey the rules that recipes obey.</summary>
public sealed class OptionRulesTests
{
    static Recipe Good { get; } = new()
    {
        Data = new ToyOptions(), Student = new MlpOptions(), Method = new SoftTargetsOptions(),
    };

    public static TheoryData<object, string> Broken => new()
    {
        { new SoftTargetsOptions { Temperature = 0 }, "Temperature must be greater than 0; it is 0." },
        { new SoftTargetsOptions { Temperature = double.NaN }, "Temperature must be a finite number; it is NaN." },
        { new SoftTargetsOptions { SoftWeight = 1.5 }, "SoftWeight must be between 0 and 1; it is 1.5." },
        { new ConfidencePenaltyOptions { Weight = -1 }, "Weight must be at least 0; it is -1." },
        { new LabelSmoothingOptions { Smoothing = 1 }, "Smoothing must be at least 0 and less than 1; it is 1." },
        { new SelfDistillationOptions { Generations = 1 }, "Generations must be at least 2; it is 1." },
        { new SelfDistillationOptions { MeanWeight = 2 }, "MeanWeight must be between 0 and 1; it is 2." },
        { new MlpOptions { Hidden = [] }, "Hidden must have at least one number; it is empty." },
        { new MlpOptions { Hidden = [8, -4] }, "Hidden must be at least 1; it is -4." },
        { new ConvNetOptions { Kernel = 4 }, "Kernel must be odd and at least 1; it is 4." },
        {
            new ConvNetOptions { Widths = [.. Enumerable.Repeat(8, 16)] },
            "Widths must be at most 15 numbers, for each halves the image; they are 16."
        },
        { new VggOptions { Depth = 12 }, "Depth must be 8, 11, 13, 16 or 19; it is 12." },
        {
            new ResNetOptions { Depth = 9 },
            "Depth must be 6n + 2 with n at least 1 (8, 14, 20, 32, 44, 56, 110); it is 9."
        },
        { new MobileNetV2Options { Width = 17 }, "Width must be between 0.0625 and 16; it is 17." },
        { new RotationOptions { Degrees = 200 }, "Degrees must be greater than 0 and at most 180; it is 200." },
        { new PixelColumns { Height = 2, Width = 2, Scale = 0 }, "Scale must be from 1 to 255; it is 0." },
        {
            new StepSchedulerOptions { Milestones = [0.5, 0.4] },
            "Milestones must be rising, and 0.5 comes before; it is 0.4."
        },
        { new StepSchedulerOptions { Milestones = [0.5, 1.4] }, "Milestones must be between 0 and 1; it is 1.4." },
        {
            new RemoteTeacherOptions { Url = "ftp://x" },
            "Url must be an address that begins with http:// or https://; it is \"ftp://x\"."
        },
        { new TuningOptions { LearningRates = [0.1, 0] }, "LearningRates must be greater than 0; it is 0." },
        {
            new RangeOptions { Option = "method.temperature", From = 2, To = 1 },
            "To must be at least from, which is 2; it is 1."
        },
        {
            new RangeOptions { Option = "student.depth", From = 1.2, To = 1.8, Whole = true },
            "Whole must be false where no whole number is between from and to, which are 1.2 and 1.8."
        },
        { new RunOptions { Jobs = 0 }, "Jobs must be at least 1; it is 0." },
        { Good with { Seeds = 0 }, "Seeds must be at least 1; it is 0." },
        {
            Good with { Method = new SoftTargetsOptions { Temperature = -1 } },
            "Method.Temperature must be greater than 0; it is -1."
        },
        {
            Good with { Training = new() { Optimizer = new AdamOptions { Beta1 = 1 } } },
            "Training.Optimizer.Beta1 must be at least 0 and less than 1; it is 1."
        },
        {
            Good with { Data = new CifarOptions { Path = "x", Augmentation = [new CropOptions { Pad = 0 }] } },
            "Data.Augmentation.0.Pad must be at least 1; it is 0."
        },
        {
            Good with { Search = new() { Over = [new ChoiceOptions { Option = "data", Values = [1] }] } },
            "Search.Over.0.Option must be in method, student, training, teacher or data.augmentation"
        },
    };

    [Theory, MemberData(nameof(Broken))]
    public void Options_made_in_code_are_refused_with_path_rule_and_value(object options, string sentence) =>
        Assert.StartsWith(sentence, Refusal(() => OptionRules.Check(options)), StringComparison.Ordinal);

    [Fact]
    public void Good_options_come_back_as_they_are() => Assert.Same(Good, OptionRules.Check(Good));

    [Fact]
    public void A_recipe_made_in_code_is_checked_before_it_is_planned() =>
        Assert.StartsWith("Training.BatchSize must be at least 1; it is 0.",
            Refusal(() => RunPlan.Of(Good with { Training = new() { BatchSize = 0 } })), StringComparison.Ordinal);

    [Fact]
    public void Data_options_made_in_code_are_checked_as_the_data_is_opened() =>
        Assert.StartsWith("Classes must be at least 1; it is 0.",
            Refusal(() => new ToyOptions { Classes = 0 }.Open()), StringComparison.Ordinal);

    [Fact]
    public void Records_are_checked_through_lists_and_dictionaries()
    {
        Dictionary<string, SoftTargetsOptions> byName = new() { ["a"] = new() { SoftWeight = 3 } };
        Assert.StartsWith("ByName.a.SoftWeight must be between 0 and 1; it is 3.",
            Refusal(() => OptionRules.Check(new Nested { ByName = byName })), StringComparison.Ordinal);
        Assert.StartsWith("Listed.1.SoftWeight must be between 0 and 1; it is 2.",
            Refusal(() => OptionRules.Check(new Nested { Listed = [new(), new() { SoftWeight = 2 }] })),
            StringComparison.Ordinal);
    }

    [Fact] // the page shows a number, the schema bounds it, the check refuses what is out of bounds: one attribute
    public void A_rule_bounds_the_schema_as_it_bounds_the_value()
    {
        JsonObject share = [], odd = [], channels = new() { ["type"] = new JsonArray("integer", "null") };
        new ShareAttribute().Limit(share);
        new OddAttribute().Limit(odd);
        new OneOfAttribute(1, 3).Limit(channels);
        Assert.Equal("""{"minimum":0,"maximum":1}""", share.ToJsonString());
        Assert.Equal("""{"minimum":1}""", odd.ToJsonString());
        Assert.Equal("""{"type":["integer","null"],"enum":[1,3,null]}""", channels.ToJsonString());
    }

    [Fact]
    public void Defaults_obey_their_rules() => Assert.Empty(
        from family in Registry.Families
        from member in family.Members.Values
        where !OptionInfo.Of(RecipeFormat.Info(member)).Any(option => option.Required)
        let error = OptionRules.Find(Activator.CreateInstance(member)!)
        where error is not null
        select $"{member.Name}.{error.Option} {error.Sentence}");

    static string Refusal(Action use) => Assert.Throws<ArgumentOutOfRangeException>(use).Message;

    sealed record Nested
    {
        public IReadOnlyDictionary<string, SoftTargetsOptions>? ByName { get; init; }

        public IReadOnlyList<SoftTargetsOptions> Listed { get; init; } = [];
    }
}
