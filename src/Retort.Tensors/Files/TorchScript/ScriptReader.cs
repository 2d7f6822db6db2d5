namespace Retort.Tensors.Files.TorchScript;

/// <summary>Parses the files of a program, and checks it when all are read.</summary>
/// <param name="invalid">Makes the exception, from the file, the reason and the line.</param>
sealed class ScriptReader(Func<string, string, int, InvalidDataException> invalid)
{
    readonly ScriptProgram _program = new();
    readonly Dictionary<string, string> _files = [];                        // of each class and function

    /// <summary>Parses a file of the archive and adds what it defines.</summary>
    /// <param name="file">Its name after <c>code/</c>: <c>__torch__/torch/nn/modules/conv.py</c>.</param>
    /// <param name="text">The program.</param>
    /// <returns>The program without its messages.</returns>
    public string Add(string file, string text)
    {
        var scope = file[..^".py".Length].Replace('/', '.');
        var parser = new ScriptParser(text, scope, (what, line) => invalid(file, what, line));
        var (classes, functions) = parser.Parse();
        foreach (var defined in classes)
        {
            AddName(defined.Name);
            _program.Classes.Add(defined.Name, defined);
        }
        foreach (var (name, function) in functions)
        {
            AddName(name);
            _program.Functions.Add(name, function);
        }
        return parser.Quiet();

        void AddName(string name)
        {
            if (!_files.TryAdd(name, file)) throw invalid(file, $"{name} is defined twice", 1);
        }
    }

    /// <summary>Checks every function and method, and returns the program.</summary>
    /// <exception cref="InvalidDataException">One calls, or may call, what is not on the list.</exception>
    public ScriptProgram Checked()
    {
        foreach (var (name, function) in _program.Functions) For(name).CheckFunction(function);
        foreach (var (name, defined) in _program.Classes) For(name).CheckClass(defined);
        return _program;

        ScriptCheck For(string name) => new(_program, (what, line) => invalid(_files[name], what, line));
    }
}
