using System.Reflection;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using Retort.Studies.Fidelity;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Retort.Tests.House;

/// <summary>What types may name, and what they are called.</summary>
public sealed class HouseTests
{
    static readonly System.Reflection.Assembly Tensors = typeof(Recorder).Assembly;
    static readonly System.Reflection.Assembly Production = typeof(Retort.Runtime.Metrics.Accuracy).Assembly;
    static readonly System.Reflection.Assembly Making = typeof(Retort.Recipes.Recipe).Assembly;
    static readonly System.Reflection.Assembly Program = typeof(Retort.Cli.Tool).Assembly;
    static readonly Architecture Built = new ArchLoader().LoadAssemblies(Making, Tensors, Production, Program).Build();

    [Fact] // the other folders: ArrowTests
    public void Grammar_and_display_name_no_command() => Hold(Types().That()
        .ResideInNamespaceMatching(@"^Retort\.Cli\.(Grammar|Display)$")
        .Should()
        .NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^Retort\.Cli\.Commands(\.|$)"))
        .WithoutRequiringPositiveResults());

    [Fact]
    public void A_loss_names_no_training_loop() => Hold(Types().That()
        .ResideInNamespaceMatching(@"^Retort\.Methods$")
        .And()
        .AreAssignableTo(typeof(DistillationLoss))
        .Should()
        .NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^Retort\.Training(\.|$)"))
        .WithoutRequiringPositiveResults());

    [Fact] // a paper's file holds X, XOptions and what is nested in them
    public void A_method_names_no_other_method()
    {
        var broken = from type in Built.Types
                     where type.ResidesInNamespace("Retort.Methods")
                     from other in type.Dependencies.Select(dependency => dependency.Target)
                     where other.ResidesInNamespace("Retort.Methods") && Paper(other) != Paper(type)
                     select $"{type.Name} names {other.Name}";
        Assert.Empty(broken.Distinct());

        static string Paper(IType type) =>
            type.FullName.Split('+', '/')[0].Replace("Options", "", StringComparison.Ordinal);
    }

    [Fact]
    public void Methods_and_networks_are_written_in_words_not_in_the_engines_functions()
    {
        var broken = from type in Built.Types
                     where type.Namespace.FullName is "Retort.Methods" or "Retort.Models"
                     from other in type.Dependencies.Select(dependency => dependency.Target.FullName)
                     where other.StartsWith("TorchSharp.torch", StringComparison.Ordinal)
                         && other.EndsWith("functional", StringComparison.Ordinal)
                     select $"{type.Name} names {other}";
        Assert.Empty(broken.Distinct());
    }

    [Fact]
    public void Arrows_between_the_projects_point_down_only()
    {
        Assert.Equal([], Ours(Tensors));
        Assert.Equal([], Ours(Production));
        Assert.Equal(["Retort.Runtime", "Retort.Tensors"], Ours(Making));
        Assert.DoesNotContain("TorchSharp", Names(Production));

        static IEnumerable<string> Ours(System.Reflection.Assembly assembly) =>
            Names(assembly).Where(name => name.StartsWith("Retort", StringComparison.Ordinal));
        static IEnumerable<string> Names(System.Reflection.Assembly assembly) =>
            assembly.GetReferencedAssemblies().Select(name => name.Name!).Order(StringComparer.Ordinal);
    }

    [Fact] // a knowledge base is a word of the field
    public void No_name_says_helper_or_manager()
    {
        string[] refused = ["Helper", "Helpers", "Util", "Utils", "Manager", "Common", "Core", "Base"];
        var broken = new[] { Tensors, Production, Making, Program }.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.Name.Contains('<', StringComparison.Ordinal)
                && type.Name != nameof(Retort.Runtime.Knowledge.KnowledgeBase)
                && refused.Any(word => type.Name.EndsWith(word, StringComparison.Ordinal)))
            .Select(type => type.FullName);
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_public_class_is_sealed_unless_meant_for_inheritance()
    {
        var all = new[] { Tensors, Production, Making }.SelectMany(assembly => assembly.GetExportedTypes()).ToList();
        var broken = all.Where(type => !all.Any(other => other.BaseType == type)
            && type is { IsClass: true, IsSealed: false, IsAbstract: false }
            && !type.Name.Contains('<', StringComparison.Ordinal))
            .Select(type => type.FullName);
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_public_type_and_every_option_says_what_it_is_for()
    {
        var types = new[] { Tensors, Production, Making }.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => !type.Name.Contains('<', StringComparison.Ordinal)
                && Retort.Recipes.Descriptions.Of(type).Length == 0)
            .Select(type => type.FullName!);
        var options = Retort.Recipes.Registry.Families.SelectMany(family => family.Members.Values)
            .Concat(Retort.Studies.Fidelity.ClaimOptions.All)
            .Append(typeof(Retort.Studies.Fidelity.FidelityRecipe))
            .Append(typeof(Retort.Studies.Fidelity.StudySetting))
            .Append(typeof(Retort.Studies.Fidelity.StudyTraining))
            .Append(typeof(Retort.Recipes.Recipe))
            .Append(typeof(Retort.Training.TrainingOptions))
            .Append(typeof(Retort.Recipes.TuningOptions))
            .SelectMany(
                type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(option => option.SetMethod is not null && Retort.Recipes.Descriptions.Of(option).Length == 0)
            .Select(option => $"{option.DeclaringType!.FullName}.{option.Name}");
        Assert.Empty(types.Concat(options));
    }

    static void Hold(IArchRule rule)
    {
        var broken = rule.Evaluate(Built).Where(result => !result.Passed).Select(result => result.Description).ToList();
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }
}
