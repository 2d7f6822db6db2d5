using System.Reflection;
using System.Runtime.InteropServices;
using Retort.Cli.Grammar;

namespace Retort.Cli.Display;

/// <summary>Any exception as one sentence: without type names, stack traces and further lines of libraries.</summary>
static class Failure
{
    const string TraceHint = "RETORT_TRACE=1 shows where";

    /// <summary>The sentence for a person.</summary>
    public static string Sentence(Exception error) => Extensions.Source(error) is { } source
        ? $"{source} failed: {Plain(error)}" : Plain(error, "This is a defect of Retort, please report it: ");

    static string Plain(Exception error, string ofDefects = "") => error switch
    {
        AggregateException { InnerExceptions: [var only] } => Sentence(only),
        TypeInitializationException { InnerException: { } cause } => Sentence(cause),
        TargetInvocationException { InnerException: { } cause } => Sentence(cause),
        ArgumentException => FirstLine(WithoutParameter(error.Message)),
        InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException
            or NotSupportedException or OperationCanceledException => FirstLine(error.Message),
        DllNotFoundException or BadImageFormatException =>
            $"A native library of libtorch cannot be loaded ({FirstLine(error.Message).TrimEnd('.')}); "
            + "`retort doctor` says what is missing.",
        OutOfMemoryException => "There is not enough memory; a smaller batch or network needs less.",
        ExternalException => $"libtorch failed: {FirstLine(error.Message)} ({TraceHint})",
        NullReferenceException or IndexOutOfRangeException or InvalidCastException or KeyNotFoundException =>
            $"{ofDefects}{FirstLine(error.Message)} ({TraceHint})",
        _ => $"{FirstLine(error.Message)} ({TraceHint})",
    };

    static string WithoutParameter(string message)
    {
        var end = message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    // libtorch adds a stack trace below the first line
    static string FirstLine(string message)
    {
        var lines = message.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim());
        return lines.FirstOrDefault(line => line.Length > 0) ?? "It failed without a message.";
    }
}
