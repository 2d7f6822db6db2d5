using Retort.Tests.Contract;
using Retort.Report;
using Retort.Runs;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;

namespace Retort.Tests.Recipes;

/// <summary>
/// Names for options of a program's own; that a name is then known everywhere is shown by a
/// program of its own in PackageTests.
/// </summary>
public sealed class CatalogueTests
{
    sealed record NamelessOptions : LossOptions
    {
        public override DistillationLoss Build(MethodContext info) => new LabelsOnly(Few.Task);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mine")]
    [InlineData("my method")]
    [InlineData("-mine")]
    [InlineData("4mine")]
    public void A_name_is_small_letters_digits_and_hyphens(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => Registry.Add<NamelessOptions>(name));
        Assert.StartsWith(
            "A name in recipes begins with a small letter and has small letters, digits and hyphens; it is "
            + $"\"{name}\".",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_or_record_that_is_taken_is_refused_with_its_owner()
    {
        Assert.Equal("\"kd\" names SoftTargetsOptions already: choose another name for NamelessOptions.",
            Assert.Throws<InvalidOperationException>(() => Registry.Add<NamelessOptions>("kd")).Message);
        Assert.Equal(
            "MlpOptions is called \"mlp\" already.",
            Assert.Throws<InvalidOperationException>(() => Registry.Add<MlpOptions>("perceptron")).Message);
    }

    [Fact]
    public void The_same_name_once_more_does_nothing()
    {
        Registry.Add<MlpOptions>("mlp");
        Assert.Equal(typeof(MlpOptions), Registry.Models["mlp"]);
    }

    [Fact]
    public void What_is_of_no_family_is_refused()
    {
        Assert.StartsWith(
            "A recipe cannot name String: it must be a record that derives from one of DataOptions, "
            + "EnvironmentOptions, TokenizerOptions, AugmentationOptions, TaskOptions, ModelOptions, ",
            Assert.Throws<InvalidOperationException>(() => Registry.Add<string>("mine")).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Registry.Add<LossOptions>("mine"));
    }

    [Fact] // the serializer has its list by then
    public void After_the_first_recipe_it_is_too_late()
    {
        _ = TestRuns.Recipe().ToJson();
        Assert.StartsWith(
            "NamelessOptions comes too late for a name in recipes: give it one with Registry.Add at the program's "
            + "start",
            Assert.Throws<InvalidOperationException>(() => Registry.Add<NamelessOptions>("mine")).Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("mine", Registry.Methods.Keys);
    }

    [Fact]
    public void Options_without_a_name_are_refused_with_what_to_do()
    {
        var folder = TestRuns.Folder();
        var error = Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(TestRuns.Recipe() with { Method = new NamelessOptions() }, new() { Folder = folder }));
        Assert.Equal(
            "Retort.Tests.Recipes.CatalogueTests+NamelessOptions has no name in recipes: give it one with Registry.Add "
            + "at the program's start, before the first recipe is read, written or run.",
            error.Message);
        Assert.False(Directory.Exists(folder));
    }
}
