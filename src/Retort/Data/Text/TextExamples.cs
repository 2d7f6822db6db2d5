using System.Security.Cryptography;
using System.Text;

namespace Retort.Data.Text;

/// <summary>Texts, or pairs of texts, in memory.</summary>
sealed class TextExamples(IReadOnlyList<TextRow> rows) : Examples
{
    /// <summary>[N]</summary>
    public IReadOnlyList<TextRow> Rows => rows;

    /// <summary>The names of the columns of texts; null where the file has none.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The score that results are usually compared by; null for the task's own.</summary>
    public string? UsualScore { get; init; }

    /// <summary>The images that the texts are questions about; null where there are none.</summary>
    public QuestionImages? Images { get; init; }

    public override void AppendTo(IncrementalHash hash)
    {
        foreach (var row in rows)
        {
            Append(row.Text);
            Append(row.Second ?? "");
        }
        Images?.AppendTo(hash);

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
    }
}
