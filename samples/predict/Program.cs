// A student in a console program: Sample.Predict STUDENT PICTURE…
using Retort.Runtime;
using Retort.Runtime.Features;

if (args is not [var folder, _, ..])
{
    Console.Error.WriteLine("usage: Sample.Predict STUDENT PICTURE…");
    return 1;
}
try
{
    using var student = Student.Open(folder);
    var pixels = new float[student.ImageSize.Count];
    foreach (var file in args[1..])
    {
        ImageLoader.Read(File.ReadAllBytes(file), file, student.ImageSize, pixels);
        var answer = student.Predict(pixels);
        Console.WriteLine(FormattableString.Invariant($"{file}: {answer.Name}, {answer.Probability:P1}"));
    }
    return 0;
}
catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
