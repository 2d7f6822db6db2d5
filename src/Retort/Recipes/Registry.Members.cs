using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Retort.Contracts.Learners;

namespace Retort.Recipes;

/// <remarks>This file: names that a program adds, papers, and what the serializer asks for.</remarks>
public static partial class Registry
{
    /// <summary>The end of a sentence about options without a name, or about one that comes too late.</summary>
    internal const string AddFirst = "give it one with Registry.Add at the program's start, "
        + "before the first recipe is read, written or run.";

    static readonly Lock s_lock = new();
    static bool s_isUsed;

    /// <summary>
    /// Gives a program's own options their name in recipes, run folders and messages: the options of a data set, a
    /// network, a method, or another of the <see cref="Families"/>. Called at the program's start; a second call with
    /// the same name does nothing.
    /// </summary>
    /// <typeparam name="TOptions">A record that derives from that of a family and that JSON can hold.</typeparam>
    /// <param name="name">Small letters, digits and hyphens.</param>
    /// <exception cref="InvalidOperationException">
    /// The name or the record is taken, the record is of no family, or a recipe was read or written before.
    /// </exception>
    public static void Add<TOptions>(string name) where TOptions : class
    {
        CheckSpelling(name);
        var type = typeof(TOptions);
        var members = FamilyOf(type);
        lock (s_lock)
        {
            if (members.TryGetValue(name, out var taken))
            {
                if (taken == type) return;
                throw new InvalidOperationException(
                    $"\"{name}\" names {taken.Name} already: choose another name for {type.Name}.");
            }
            if (members.FirstOrDefault(member => member.Value == type).Key is { } other)
                throw new InvalidOperationException($"{type.Name} is called \"{other}\" already.");
            if (s_isUsed) throw new InvalidOperationException(
                $"{type.Name} comes too late for a name in recipes: {AddFirst}");
            members.Add(name, type);
        }
    }

    /// <summary>The paper of a method, from the attribute of its class.</summary>
    public static PaperAttribute Paper(string method) => Methods.TryGetValue(method, out var options)
        ? PaperClass(method, options).GetCustomAttribute<PaperAttribute>()!
        : throw new ArgumentException(
            $"There is no method \"{method}\"; {Spelling.Hint(method, [.. Methods.Keys])}", nameof(method));

    /// <summary>The class of a method: the one that is marked with its paper. Its file has its name.</summary>
    public static Type PaperClass(string method, Type options) => options.Assembly.GetTypes()
        .FirstOrDefault(type => type.GetCustomAttribute<PaperAttribute>()?.Key == method)
        ?? throw new InvalidOperationException(
            $"No class is marked [Paper(\"{method}\", …)], which the method \"{method}\" needs.");

    /// <summary>Tells the serializer the names of a family's members; it asks once for each type.</summary>
    internal static void AddNames(JsonTypeInfo info)
    {
        lock (s_lock)
        {
            s_isUsed = true;
            if (Families.FirstOrDefault(family => family.Type == info.Type).Members is not { } members) return;

            info.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "name" };
            foreach (var (name, type) in members) info.PolymorphismOptions.DerivedTypes.Add(new(type, name));
        }
    }

    static void CheckSpelling(string name)
    {
        var isSpelt = name.Length > 0 && char.IsAsciiLetterLower(name[0])
            && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
        if (!isSpelt) throw new ArgumentException(
            "A name in recipes begins with a small letter and has small letters, digits and hyphens; "
            + $"it is \"{name}\".", nameof(name));
    }

    static Dictionary<string, Type> FamilyOf(Type options)
    {
        // an environment is data too, and a learner a method: the nearest family counts
        var (_, record, members) = Families.LastOrDefault(family => family.Type.IsAssignableFrom(options)
            && family.Type != typeof(LearnerOptions));
        if (record is null || options.IsAbstract) throw new InvalidOperationException(
            $"A recipe cannot name {options.Name}: it must be a record that derives from one of "
            + $"{string.Join(", ", Families.Select(family => family.Type.Name))}, and not abstract.");
        return (Dictionary<string, Type>)members;
    }
}
