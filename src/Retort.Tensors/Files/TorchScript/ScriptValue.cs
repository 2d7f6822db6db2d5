namespace Retort.Tensors.Files.TorchScript;

/// <summary>What is known of a value while a program is checked.</summary>
/// <param name="Object">Its class, of an object of the program.</param>
/// <param name="Function">Of a function of the program.</param>
/// <param name="Class">Of a class of the program, which is called to make an object.</param>
readonly record struct ScriptValue(ScriptClass? Object, ScriptFunction? Function = null, ScriptClass? Class = null)
{
    /// <summary>A tensor, number, list, …, or a value that could be anything: nothing of it can be called.</summary>
    public static readonly ScriptValue Plain = new(null);

    /// <summary>An object of this class; without one a plain value.</summary>
    public static ScriptValue Of(ScriptClass? defined) => new(defined);

    // by reference: classes and functions are compared with the whole of their code otherwise
    public bool Equals(ScriptValue other) => ReferenceEquals(Object, other.Object)
        && ReferenceEquals(Function, other.Function) && ReferenceEquals(Class, other.Class);

    public override int GetHashCode() => HashCode.Combine(Object?.Name, Function?.Name, Class?.Name);
}
