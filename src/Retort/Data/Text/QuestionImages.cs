using System.Security.Cryptography;
using Retort.Data.Images;

namespace Retort.Data.Text;

/// <summary>The images that questions are about; several questions may share one.</summary>
/// <param name="Images">The images, all of one size.</param>
/// <param name="Of">The image of each row, by its position among them. [N]</param>
sealed record QuestionImages(ImageExamples Images, int[] Of)
{
    /// <summary>Adds all pixels, and which image each row has, to a hash.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        Images.AppendTo(hash);
        foreach (var image in Of) hash.AppendData(BitConverter.GetBytes(image));
    }
}
