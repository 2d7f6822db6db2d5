using System.Runtime.InteropServices;

namespace Retort.Cli;

/// <summary>Any exception as one sentence: ours as they are, a library's without its types, traces and second lines.</summary>
static class Failure
{
    const string Trace = "RETORT_TRACE=1 shows where";

    /// <summary>What a person reads.</summary>
    public static string Sentence(Exception error) => error switch
    {
        AggregateException { InnerExceptions: [var only] } => Sentence(only),
        TypeInitializationException { InnerException: { } cause } => Sentence(cause),
        System.Reflection.TargetInvocationException { InnerException: { } cause } => Sentence(cause),
        ArgumentException => Plain(error),
        InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException or NotSupportedException => First(error.Message),
        OperationCanceledException => First(error.Message),
        DllNotFoundException or BadImageFormatException =>
            $"The engine's native library cannot be loaded ({First(error.Message).TrimEnd('.')}); `retort doctor` says what is missing.",
        OutOfMemoryException => "There is not enough memory for this; a smaller batch or network needs less.",
        ExternalException => $"The engine refused: {First(error.Message)} ({Trace})",
        NullReferenceException or IndexOutOfRangeException or InvalidCastException or KeyNotFoundException =>
            $"A defect of Retort came to light, please report it: {First(error.Message)} ({Trace})",
        _ => $"{First(error.Message)} ({Trace})",
    };

    static string Plain(Exception error)
    {
        var end = error.Message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return First(end < 0 ? error.Message : error.Message[..end]);
    }

    // libtorch adds its own trace below the first line
    static string First(string message) => message.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "It failed without a word.";
}
