using Retort.Contracts;
using Retort.Data;
using Retort.Runtime;

namespace Retort.Cli.Commands;

/// <summary>What an exported student answers: each question about each image.</summary>
static class QuestionPrediction
{
    const string Separator = " | ";

    /// <summary>Each image with each question, and their names together.</summary>
    /// <param name="student">A student of images and texts.</param>
    /// <param name="images">Image files, folders and archives of them.</param>
    /// <param name="questions">The questions.</param>
    /// <exception cref="InvalidDataException">There is no image or no question.</exception>
    public static IEnumerable<(string Name, float[] Image, string Question)> Of(
        Student student, IReadOnlyList<string> images, IReadOnlyList<string> questions)
    {
        if (images.Count == 0 || questions.Count == 0) throw new InvalidDataException(
            "This student takes images with texts: give --image with a file, and --question with a text.");

        var reader = new InferenceData(InputNames.PixelValues, student.ImageSize, student.Scale);
        foreach (var image in images.SelectMany(reader.Read))
            foreach (var question in questions)
                yield return (image.Name + Separator + question, image.Numbers, question);
    }
}
