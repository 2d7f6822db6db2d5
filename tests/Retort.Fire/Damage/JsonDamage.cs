using System.Text;
using System.Text.Json;
using Retort.Runs;

namespace Retort.Fire.Damage;

/// <summary>
/// Damage to JSON that stays JSON, most of the time: keys dropped, doubled, renamed; values of another kind or size.
/// </summary>
static class JsonDamage
{
    static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "0.5", "1e308", "1e999", "-1e-400", "2147483648", "-2147483649",
        "9223372036854775808", "1e5",
        "123456789012345678901234567890", "\"\"", "\"x\"", "\"NaN\"", "\"Infinity\"", "[]", "{}", "[null]", "[[]]",
        "[1,2,3]", "{\"name\":\"x\"}", "{\"name\":null}",
        "\"\\ud800\"", "\"\\u0000\"", "NaN", "'x'", "-0.0", "1E+2", "[0.1,-0.1]", "\"cached\"", "\"../..\"",
        "\"/dev/null\"",
    ];

    abstract class Node;

    sealed class Leaf(string text) : Node
    {
        public string Text { get; } = text;
    }

    sealed class Branch(bool named) : Node
    {
        public bool Named { get; } = named;
        public List<(string Key, Node Value)> Parts { get; set; } = [];
    }

    public static byte[] Change(byte[] whole, Random random)
    {
        using var document = JsonDocument.Parse(
            whole, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var root = new Branch(named: false) { Parts = [("", Copy(document.RootElement))] };
        for (var i = random.Next(1, 4); i > 0; i--) Once(root, random);
        var text = new StringBuilder();
        foreach (var (_, value) in root.Parts) Write(value, text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>A file of one JSON value a line.</summary>
    public static byte[] Lines(byte[] whole, Random random)
    {
        var lines = Encoding.UTF8.GetString(whole).Split('\n').ToList();
        if (random.Next(4) == 0) random.Shuffled(lines);
        var full = Enumerable.Range(0, lines.Count).Where(i => lines[i].Length > 0).ToList();
        if (full.Count > 0 && random.Of(full) is var at)
            lines[at] = Encoding.UTF8.GetString(Change(Encoding.UTF8.GetBytes(lines[at]), random));
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    static Node Copy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new Branch(named: true)
        {
            Parts = [.. value.EnumerateObject().Select(one => (JsonSerializer.Serialize(one.Name), Copy(one.Value)))],
        },
        JsonValueKind.Array =>
            new Branch(named: false) { Parts = [.. value.EnumerateArray().Select(one => ("", Copy(one)))] },
        _ => new Leaf(value.GetRawText()),
    };

    static void Once(Branch root, Random random)
    {
        var branches = new List<Branch>();
        Collect(root, branches);
        var branch = random.Of(branches);
        if (branch.Parts.Count == 0) { branch.Parts.Add(("\"x\"", Value(random))); return; }
        var at = random.Next(branch.Parts.Count);
        var (key, value) = branch.Parts[at];
        switch (random.Next(8))
        {
            case 0: branch.Parts.RemoveAt(at); break;
            case 1: random.Shuffled(branch.Parts); break;
            case 2: branch.Parts[at] = (Renamed(key, random), value); break;
            case 3: branch.Parts[at] = (key, new Branch(named: false) { Parts = [("", value)] }); break;
            case 4:                                                        // another value of the file in its place
                var from = random.Of(branches);
                if (from.Parts.Count > 0) branch.Parts[at] = (key, new Leaf(Text(random.Of(from.Parts).Value)));
                break;
            default: branch.Parts[at] = (key, Value(random)); break;
        }
    }

    static void Collect(Branch branch, List<Branch> into)
    {
        into.Add(branch);
        foreach (var (_, value) in branch.Parts)
            if (value is Branch below) Collect(below, into);
    }

    static string Renamed(string key, Random random) => key.Length < 4 ? "\"x\"" : random.Next(4) switch
    {
        0 => key.ToUpperInvariant(),
        1 => key[..^2] + "\"",
        2 => $"\"{key[2..^1]}{key[1]}\"",
        _ => JsonSerializer.Serialize(OddValues.Text(random)),
    };

    static Leaf Value(Random random) => new(random.Next(12) switch
    {
        0 => JsonSerializer.Serialize(OddValues.Text(random)),
        1 => new string('[', random.Next(1, 200)) + new string(']', random.Next(1, 200)),
        2 => string.Concat(Enumerable.Repeat("{\"name\":", 70)) + "1" + new string('}', 70),
        3 => "[" + string.Join(',', Enumerable.Repeat("1", random.Next(1, 3000))) + "]",
        4 or 5 => FormattableString.Invariant($"{OddValues.Number(random, 1)}"),
        _ => random.Of(Values),
    });

    static string Text(Node node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    static void Write(Node node, StringBuilder into)
    {
        if (node is Leaf leaf) { into.Append(leaf.Text); return; }
        var branch = (Branch)node;
        into.Append(branch.Named ? '{' : '[');
        for (var i = 0; i < branch.Parts.Count; i++)
        {
            if (i > 0) into.Append(',');
            if (branch.Named) into.Append(branch.Parts[i].Key).Append(':');
            Write(branch.Parts[i].Value, into);
        }
        into.Append(branch.Named ? '}' : ']');
    }
}
