// Predicts images with an exported student: Sample.Predict STUDENT IMAGE…
using Retort.Runtime;
using Retort.Runtime.Features;

if (args is not [var folder, _, ..])
{
    Console.Error.WriteLine("usage: Sample.Predict STUDENT IMAGE…");
    return 1;
}
try
{
    using var student = Student.Open(folder);
    var pixels = new float[student.ImageSize.Count];
    foreach (var file in args[1..])
    {
        ImageLoader.Read(File.ReadAllBytes(file), file, student.ImageSize, pixels);
        var prediction = student.Predict(pixels);
        Console.WriteLine(FormattableString.Invariant($"{file}: {prediction.Name}, {prediction.Probability:P1}"));
    }
    return 0;
}
catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
