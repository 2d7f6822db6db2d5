namespace Retort.Tensors.Files.TorchScript;

/// <summary>All classes and functions of an archive, by their full names.</summary>
sealed class ScriptProgram
{
    readonly Dictionary<string, ScriptClass> _classes = [];
    readonly Dictionary<string, ScriptFunction> _functions = [];

    /// <summary>The file of each class and function, for messages.</summary>
    readonly Dictionary<string, string> _files = [];

    public IReadOnlyDictionary<string, ScriptClass> Classes => _classes;

    public IReadOnlyDictionary<string, ScriptFunction> Functions => _functions;

    /// <summary>Parses a file of the archive and adds what it defines.</summary>
    /// <param name="file">Its name after <c>code/</c>: <c>__torch__/torch/nn/modules/conv.py</c>.</param>
    /// <param name="text">The program.</param>
    /// <param name="invalid">Makes the exception, from the file, the reason and the line.</param>
    /// <returns>The program without its messages.</returns>
    public string Add(string file, string text, Func<string, string, int, InvalidDataException> invalid)
    {
        var scope = file[..^".py".Length].Replace('/', '.');
        var parser = new ScriptParser(text, scope, (what, line) => invalid(file, what, line));
        var (classes, functions) = parser.Parse();
        foreach (var defined in classes)
        {
            Name(defined.Name);
            _classes.Add(defined.Name, defined);
        }
        foreach (var (name, function) in functions)
        {
            Name(name);
            _functions.Add(name, function);
        }
        return parser.Quiet();

        void Name(string name)
        {
            if (!_files.TryAdd(name, file)) throw invalid(file, $"{name} is defined twice", 1);
        }
    }

    /// <summary>Checks every function and method of the program.</summary>
    /// <exception cref="InvalidDataException">One calls, or may call, what is not on the list.</exception>
    public void Check(Func<string, string, int, InvalidDataException> invalid)
    {
        foreach (var (name, function) in _functions) For(name).CheckFunction(function);
        foreach (var (name, defined) in _classes) For(name).CheckClass(defined);

        ScriptCheck For(string name) => new(this, (what, line) => invalid(_files[name], what, line));
    }
}
