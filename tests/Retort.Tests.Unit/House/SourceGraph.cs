using System.Text.RegularExpressions;

namespace Retort.Tests.House;

/// <summary>
/// Which source file names types of which other one, found in the text: by identifiers, namespaces, usings and project
/// references. So it sees names that leave no trace in an assembly, such as constants, too.
/// </summary>
sealed partial class SourceGraph
{
    readonly Dictionary<string, Project> _projects;

    /// <summary>Reads the projects in the folders of <paramref name="root"/>.</summary>
    public SourceGraph(string root)
    {
        _projects = Directory.EnumerateFiles(root, "*.csproj", SearchOption.AllDirectories)
            .Select(path => new Project(Path.GetFileName(Path.GetDirectoryName(path)!), File.ReadAllText(path)))
            .ToDictionary(project => project.Name);
        var files = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(root, path).Replace('\\', '/'), Text: File.ReadAllText(path)))
            .Where(file => _projects.ContainsKey(file.Path.Split('/')[0]))
            .Where(file => !file.Path.Contains("/obj/", StringComparison.Ordinal))
            .Select(file => new SourceFile(file.Path, WithoutTextsAndComments(file.Text))).ToList();
        Count = files.Count;

        // A name that several files define is left out: a partial type, or two types of one name.
        var homes = files.SelectMany(file => file.Types, (file, type) => (file, type)).GroupBy(pair => pair.type)
            .Where(type => type.Count() == 1).ToDictionary(type => type.Key, type => type.Single().file);
        Arrows = [.. files.SelectMany(file => file.Names, (file, name) => (file, name))
            .Where(pair => homes.TryGetValue(pair.name, out var home) && home != pair.file && Sees(pair.file, home))
            .Select(pair => new Arrow(pair.file, homes[pair.name], pair.name))];
    }

    /// <summary>The number of files.</summary>
    public int Count { get; }

    /// <summary>Each type that a file names of another one.</summary>
    public IReadOnlyList<Arrow> Arrows { get; }

    /// <summary>Folders of which each leads to all others by arrows.</summary>
    public IEnumerable<IReadOnlyList<string>> FolderCircles =>
        Circles(Arrows.Where(arrow => arrow.From.Folder != arrow.To.Folder)
            .ToLookup(arrow => arrow.From.Folder, arrow => arrow.To.Folder));

    /// <summary>Files of which each leads to all others by arrows.</summary>
    public IEnumerable<IReadOnlyList<string>> FileCircles =>
        Circles(Arrows.ToLookup(arrow => arrow.From.Path, arrow => arrow.To.Path));

    bool Sees(SourceFile file, SourceFile other)
    {
        var project = _projects[file.Project];
        if (file.Project != other.Project && !References(project).Contains(other.Project)) return false;
        if (file.Namespace == other.Namespace || IsInside(file.Namespace, other.Namespace)) return true;
        return file.Usings.Concat(project.Usings).Any(use => use == other.Namespace || IsInside(use, other.Namespace));
    }

    static bool IsInside(string name, string outer) => name.StartsWith(outer + ".", StringComparison.Ordinal);

    HashSet<string> References(Project project)
    {
        HashSet<string> found = [];
        Stack<Project> open = new([project]);
        while (open.TryPop(out var next))
            foreach (var name in next.References.Where(name => _projects.ContainsKey(name) && found.Add(name)))
                open.Push(_projects[name]);
        return found;
    }

    /// <summary>The strongly connected components of more than one node, by Tarjan's algorithm.</summary>
    static List<IReadOnlyList<string>> Circles(ILookup<string, string> graph)
    {
        List<IReadOnlyList<string>> circles = [];
        Dictionary<string, int> index = [], low = [];
        Stack<string> stack = new();
        foreach (var node in graph.Select(group => group.Key))
            if (!index.ContainsKey(node)) Visit(node);
        return circles;

        void Visit(string node)
        {
            index[node] = low[node] = index.Count;
            stack.Push(node);
            foreach (var next in graph[node])
            {
                if (!index.ContainsKey(next)) Visit(next);
                if (stack.Contains(next)) low[node] = Math.Min(low[node], low[next]);
            }
            if (low[node] != index[node]) return;
            List<string> circle = [];
            do circle.Add(stack.Pop());
            while (circle[^1] != node);
            if (circle.Count > 1) circles.Add([.. circle.Order(StringComparer.Ordinal)]);
        }
    }

    static string WithoutTextsAndComments(string text) =>
        TextOrComment().Replace(text, match => match.Value[0] == '/' ? "" : "\"\"");

    [GeneratedRegex("""
        \"{3}[\s\S]*?\"{3} | '(?:\\.|[^'\\\n])[^'\n]{0,8}' | @?\$*"(?:\\.|[^"\\\n])*" | //[^\n]* | /\*[\s\S]*?\*/
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex TextOrComment();

    [GeneratedRegex("""
        ^(?:(?:public|internal|file|sealed|abstract|static|readonly|partial|unsafe|ref)\x20)*
        (?:class|record(?:\x20struct|\x20class)?|struct|interface|enum|delegate\x20[\w<>\[\],?\x20]+)\x20+(\w+)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline)]
    private static partial Regex TypeDefinition();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w*")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(?:global )?using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex("""ProjectReference Include="[^"]*?([\w.]+)\.csproj""")]
    private static partial Regex ProjectReference();

    [GeneratedRegex("""Using Include="([\w.]+)""")]
    private static partial Regex ProjectUsing();

    static HashSet<string> All(Regex regex, string text) =>
        [.. regex.Matches(text).Select(match => match.Groups[^1].Value)];

    /// <summary>One use of a type.</summary>
    public sealed record Arrow(SourceFile From, SourceFile To, string Type)
    {
        public override string ToString() => $"{From.Path} names {Type} of {To.Folder}";
    }

    /// <summary>A file by its path from the root; <paramref name="code"/> has no texts and comments.</summary>
    public sealed class SourceFile(string path, string code)
    {
        public string Path => path;

        /// <summary>The first folder of the path.</summary>
        public string Project { get; } = path.Split('/')[0];

        /// <summary>The first two folders of the path, or one, where the file lies there.</summary>
        public string Folder { get; } = string.Join('/', path.Split('/')[..^1].Take(2));

        public string Namespace { get; } = NamespaceLine().Match(code).Groups[1].Value;
        public HashSet<string> Usings { get; } = All(UsingLine(), code);
        public HashSet<string> Types { get; } = All(TypeDefinition(), code);
        public HashSet<string> Names { get; } = All(Identifier(), code);
    }

    sealed class Project(string name, string text)
    {
        public string Name => name;
        public HashSet<string> References { get; } = All(ProjectReference(), text);
        public HashSet<string> Usings { get; } = All(ProjectUsing(), text);
    }
}
