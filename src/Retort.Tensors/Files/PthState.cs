namespace Retort.Tensors.Files;

/// <summary>Finds the state_dict in the unpickled value of a state file.</summary>
static class PthState
{
    const int MaxDepth = 2;                                                 // dicts around a state_dict
    const int MaxWrappers = 4;
    const int MaxListed = 8;

    static readonly string[] WrapperPrefixes = ["module.", "_orig_mod."];

    /// <summary>
    /// The one dict of names and tensors, at the top or inside a checkpoint, without the prefixes of PyTorch's
    /// wrappers.
    /// </summary>
    /// <param name="root">The unpickled value.</param>
    /// <param name="key">Which one, if there are several: keys joined by dots; null for the only one.</param>
    /// <param name="path">The file, for messages.</param>
    public static Dictionary<string, PickledTensor> Find(object? root, string? key, string path)
    {
        var found = new List<(string Key, Dictionary<string, PickledTensor> State)>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance); // a dict may be reachable in several ways
        Search(root, "", 0);
        return RemoveWrapperPrefixes(Choose(found, root, key, path));

        void Search(object? value, string place, int depth)
        {
            if (value is not PickledDict dict || !seen.Add(dict)) return;
            if (dict.Pairs.Any(pair => pair.Key is not string)) return;

            if (AsState(dict) is { } state) found.Add((place, state));
            else if (depth < MaxDepth)
                foreach (var (name, inner) in dict.Pairs)
                    Search(inner, place.Length == 0 ? (string)name! : $"{place}.{name}", depth + 1);
        }
    }

    static Dictionary<string, PickledTensor> Choose(
        List<(string Key, Dictionary<string, PickledTensor> State)> found, object? root, string? key, string path)
    {
        if (key is not null)
        {
            if (found.FirstOrDefault(one => one.Key == key).State is { } chosen) return chosen;

            var others = found.Count == 0 ? "" : $"; it has {Quote(found.Select(one => one.Key)).OnOneLine()}";
            throw new InvalidDataException($"{path} has no mapping of names to tensors under '{key}'{others}.");
        }

        if (found.Count == 1) return found[0].State;
        if (found.Count == 0)
            throw new InvalidDataException(
                $"{path} holds no mapping of names to tensors, such as a network's state_dict(); "
                + $"its top is {Describe(root).OnOneLine()}.");
        var listed = Quote(found.Take(MaxListed).Select(one => one.Key)).OnOneLine();
        var more = found.Count > MaxListed ? ", …" : "";
        throw new InvalidDataException(
            $"{path} holds {found.Count} mappings of names to tensors, under {listed}{more}: "
            + "say with \"key\" which is meant; where there is no such option, save that one alone with torch.save.");
    }

    static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    /// <summary>The tensors of a dict that holds nothing but tensors and extra state; null for another dict.</summary>
    static Dictionary<string, PickledTensor>? AsState(PickledDict dict)
    {
        var state = new Dictionary<string, PickledTensor>();
        foreach (var (key, value) in dict.Pairs)
        {
            var name = (string)key!;
            if (value is PickledTensor tensor) state[name] = tensor;
            else if (!name.EndsWith("_extra_state", StringComparison.Ordinal)) return null;
        }
        return state.Count > 0 ? state : null;
    }

    static Dictionary<string, PickledTensor> RemoveWrapperPrefixes(Dictionary<string, PickledTensor> state)
    {
        for (var i = 0; i < MaxWrappers; i++)
        {
            if (Array.Find(WrapperPrefixes, prefix => state.Keys.All(name => HasPrefix(name, prefix))) is not { } found)
                break;
            state = state.ToDictionary(pair => pair.Key[found.Length..], pair => pair.Value);
        }
        return state;

        static bool HasPrefix(string name, string prefix) =>
            name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal);
    }

    static string Describe(object? root)
    {
        switch (root)
        {
            case PickledDict { Pairs.Count: 0 }:
                return "an empty dict";

            case PickledDict { Pairs: var pairs }:
                var keys = pairs.Take(MaxListed).Select(pair => pair.Key is string name ? $"'{name}'" : $"{pair.Key}");
                return $"a dict of {string.Join(", ", keys)}{(pairs.Count > MaxListed ? ", …" : "")}";

            case PickledTensor:
                return "one tensor";

            case List<object?> or object?[]:
                return "a list";

            case PickledOpaque opaque:
                return opaque.Description;

            default:
                return root is null ? "nothing" : $"{root}";
        }
    }
}
