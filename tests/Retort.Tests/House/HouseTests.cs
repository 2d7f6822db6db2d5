using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Retort.Tests.House;

/// <summary>Who may name whom.</summary>
public sealed class HouseTests
{
    static readonly Architecture Built = new ArchLoader().LoadAssemblies(
        typeof(Recipes.Recipe).Assembly, typeof(Recorder).Assembly, typeof(Runtime.Metrics.Accuracy).Assembly).Build();

    [Fact]
    public void A_method_names_no_data_model_teacher_or_recipe() => Hold(
        Types().That().ResideInNamespace("Retort.Methods").Should().NotDependOnAny(
            Types().That().ResideInNamespaceMatching(@"^Retort\.(Data|Models|Teachers|Recipes|Export|Studies)(\.|$)")));

    [Fact]
    public void The_nouns_of_the_root_name_no_folder() => Hold(
        Types().That().ResideInNamespaceMatching("^Retort$").Should().NotDependOnAny(
            Types().That().ResideInNamespaceMatching(@"^Retort\.(Data|Models|Teachers|Methods|Training|Recipes|Export|Studies)(\.|$)")));

    static void Hold(IArchRule rule)
    {
        var broken = rule.Evaluate(Built).Where(result => !result.Passed).Select(result => result.Description).ToList();
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }
}
