using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;

namespace Retort.Contracts;

/// <summary>Checks records of options by the <see cref="OptionRuleAttribute"/>s of their properties.</summary>
public static class OptionRules
{
    static readonly ConcurrentDictionary<Type, CheckedType> s_types = [];

    /// <summary>Checks options that were made in code, and all records inside them.</summary>
    /// <returns>The same options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option breaks a rule; the message begins with its path, such as <c>Method.Temperature</c>.
    /// </exception>
    public static T Check<T>(T options) where T : class
    {
        Check(options, "");
        return options;
    }

    /// <summary>The first option that breaks a rule, records inside aside; null where none does.</summary>
    public static OptionError? Find(object options)
    {
        foreach (var (option, rules) in CheckedType.Of(options).Ruled)
            if (option.GetValue(options) is { } value)
                foreach (var rule in rules)
                    if (rule.Check(value) is { } sentence) return new(option.Name, sentence);
        return (options as IValidated)?.Validate();
    }

    /// <summary>The rules of an option, those of a list before those of its elements.</summary>
    public static IReadOnlyList<OptionRuleAttribute> Of(PropertyInfo option)
    {
        var rules = option.GetCustomAttributes<OptionRuleAttribute>(inherit: true);
        return [.. rules.OrderBy(rule => rule is NumberRuleAttribute)];
    }

    static void Check(object options, string path)
    {
        foreach (var option in CheckedType.Of(options).Nested)
            CheckInside(option.GetValue(options), Join(path, option.Name));
        if (Find(options) is not { } error) return;

        var at = Join(path, error.Option);
        throw new ArgumentOutOfRangeException(at, null, $"{at} {error.Sentence}");
    }

    static void CheckInside(object? value, string path)
    {
        if (value is IDictionary table)
            foreach (DictionaryEntry entry in table) CheckInside(entry.Value, Join(path, $"{entry.Key}"));
        else if (value is IList list)
            for (var i = 0; i < list.Count; i++) CheckInside(list[i], Join(path, $"{i}"));
        else if (value is not null && IsRecord(value.GetType()))
            Check(value, path);
    }

    static string Join(string path, string option) => path.Length == 0 ? option : $"{path}.{option}";

    // the method behind "with", which the compiler gives to each record
    static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    /// <summary>What is checked of a type, found once.</summary>
    /// <param name="Ruled">The options that have rules.</param>
    /// <param name="Nested">The options that may hold records.</param>
    sealed record CheckedType(IReadOnlyList<RuledOption> Ruled, IReadOnlyList<PropertyInfo> Nested)
    {
        public static CheckedType Of(object record) => s_types.GetOrAdd(record.GetType(), static type =>
        {
            List<PropertyInfo> options = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(option => option is { CanRead: true, SetMethod.IsPublic: true })
                .Where(option => option.GetIndexParameters().Length == 0)];
            var ruled = options.Select(option => new RuledOption(option, OptionRules.Of(option)));
            return new([.. ruled.Where(one => one.Rules.Count > 0)],
                [.. options.Where(option => MayHoldRecords(option.PropertyType))]);
        });

        // numbers, texts and lists of them are skipped: a record may hold a data set's values
        static bool MayHoldRecords(Type type)
        {
            if (type == typeof(string) || type.IsValueType) return false;

            var element = ElementOf(type);
            if (element is { IsGenericType: true } && element.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
                element = element.GetGenericArguments()[1];
            return element is null || element == type || MayHoldRecords(element);
        }

        // null for a type that is no list
        static Type? ElementOf(Type type)
        {
            if (type.IsArray) return type.GetElementType();

            var list = type.GetInterfaces().Prepend(type).FirstOrDefault(one =>
                one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEnumerable<>));
            return list?.GetGenericArguments()[0];
        }
    }

    sealed record RuledOption(PropertyInfo Option, IReadOnlyList<OptionRuleAttribute> Rules);
}
