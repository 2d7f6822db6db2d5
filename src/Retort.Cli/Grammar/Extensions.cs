using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using Retort.Recipes;
using Retort.Tensors.Files;

namespace Retort.Cli.Grammar;

/// <summary>The option <c>--with</c>: assemblies with data sets, networks and methods of the user's own.</summary>
static class Extensions
{
    /// <summary>The option's name.</summary>
    public const string Name = "--with";

    static readonly List<string> s_loaded = [];
    static readonly SortedDictionary<string, string> s_hashes = new(StringComparer.Ordinal);

    /// <summary>The option of every verb.</summary>
    public static Option<string[]> Option() => new(Name)
    {
        Description = "Runs code of this assembly: its IExtension adds data sets, networks and methods of your own.",
        HelpName = "Mine.dll",
        DefaultValueFactory = _ => [],
        Recursive = true,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>The arguments that make a child process load the same assemblies.</summary>
    public static IEnumerable<string> Arguments => s_loaded.SelectMany(path => (string[])[Name, path]);

    /// <summary>SHA-256 of each assembly's file by its name; null for none.</summary>
    public static IReadOnlyDictionary<string, string>? Hashes => s_hashes.Count == 0 ? null : s_hashes;

    /// <summary>Loads an assembly and calls its <see cref="IExtension"/>.</summary>
    /// <exception cref="InvalidDataException">It is no assembly, or has not exactly one extension.</exception>
    public static void Load(string path)
    {
        var full = Path.GetFullPath(path);
        if (s_loaded.Contains(full)) return;

        if (!File.Exists(full)) throw new InvalidDataException($"{path}: there is no such file.");
        InputFile.Check(full);
        var name = Path.GetFileName(full);
        if (s_hashes.ContainsKey(name)) throw new InvalidDataException(
            $"{path} has the name of an assembly that is loaded already; each needs a name of its own.");

        var hash = FileHash.Sha256(full);
        FindExtension(full, path).Register();
        s_hashes.Add(name, hash);
        s_loaded.Add(full);
    }

    /// <summary>
    /// The file and the method of the user's own code that threw an exception; null where other code did.
    /// </summary>
    public static string? Source(Exception error)
    {
        if (s_loaded.Count == 0 || error is not (NullReferenceException or IndexOutOfRangeException
            or InvalidCastException or KeyNotFoundException)) return null;

        var thrower = new StackTrace(error).GetFrame(0)?.GetMethod()?.DeclaringType;
        return thrower is not null && s_loaded.Contains(thrower.Assembly.Location)
            ? $"{Path.GetFileName(thrower.Assembly.Location)} ({thrower.Name})" : null;
    }

    static IExtension FindExtension(string full, string shown)
    {
        try
        {
            var assembly = new ExtensionContext(full).LoadFromAssemblyPath(full);
            Type[] found = [.. assembly.GetExportedTypes().Where(IsExtension)];
            return found is [var only] ? (IExtension)Activator.CreateInstance(only)! : throw new InvalidDataException(
                $"{shown} must have one public class that implements Retort.Recipes.IExtension and has a constructor "
                + $"without parameters; it has {(found.Length == 0 ? "none" : found.Length)}.");
        }
        catch (BadImageFormatException error)
        {
            throw new InvalidDataException($"{shown} must be an assembly of .NET; it is not.", error);
        }
        catch (Exception error) when (error is FileLoadException or FileNotFoundException or TypeLoadException)
        {
            throw new InvalidDataException(
                $"{shown} cannot be loaded by this version of retort: {error.Message.OnOneLine()}", error);
        }
    }

    static bool IsExtension(Type type) => typeof(IExtension).IsAssignableFrom(type)
        && type is { IsAbstract: false } && type.GetConstructor(Type.EmptyTypes) is not null;

    /// <summary>Finds what the assembly refers to: what the tool has in the tool, everything else beside it.</summary>
    sealed class ExtensionContext(string path) : AssemblyLoadContext(Path.GetFileName(path))
    {
        static readonly HashSet<string> s_own = [.. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
            .Split(Path.PathSeparator).Select(file => Path.GetFileNameWithoutExtension(file))];

        readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            !s_own.Contains(assemblyName.Name!) && _resolver.ResolveAssemblyToPath(assemblyName) is { } found
                ? LoadFromAssemblyPath(found) : null;

        protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
            _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } found ? LoadUnmanagedDllFromPath(found) : 0;
    }
}
