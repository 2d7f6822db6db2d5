using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>Examples of a table: one value for each column.</summary>
public sealed class TableExamples(IReadOnlyList<float[]> rows) : NumericExamples
{
    readonly float[][] _rows = [.. rows];
    readonly int _width = rows[0].Length;

    public override string Input => InputNames.Features;
    public override ImageSize Size => new(_width, 1, 1);

    public override Normalization Measure(ReadOnlySpan<int> rows)
    {
        var mean = new double[_width];
        foreach (var row in rows)
            for (var d = 0; d < _width; d++) mean[d] += _rows[row][d] / (double)rows.Length;

        var deviation = new double[_width];
        foreach (var row in rows)
            for (var d = 0; d < _width; d++) deviation[d] += Math.Pow(_rows[row][d] - mean[d], 2) / rows.Length;

        // a constant column becomes 0
        for (var d = 0; d < _width; d++) deviation[d] = deviation[d] > 0 ? Math.Sqrt(deviation[d]) : 1;
        return new(1, mean, deviation);
    }

    public override float[] Constants(Normalization normalization)
    {
        var constants = new float[2 * _width];           // [2, D]: what is subtracted, then the factor
        for (var d = 0; d < _width; d++)
        {
            constants[d] = (float)(normalization.Mean[d] * normalization.Scale);
            constants[_width + d] = (float)(1 / (normalization.Scale * normalization.StandardDeviation[d]));
        }
        return constants;
    }

    public override void Fill(int row, ReadOnlySpan<float> constants, Span<float> into)
    {
        var values = _rows[row];
        for (var d = 0; d < values.Length; d++) into[d] = (values[d] - constants[d]) * constants[_width + d];
    }

    public override float[] Shade(ReadOnlySpan<float> constants, bool white)
    {
        var shade = new float[_width];
        for (var d = 0; d < _width; d++) shade[d] = ((white ? 1 : 0) - constants[d]) * constants[_width + d];
        return shade;
    }

    public override void AppendTo(IncrementalHash hash)
    {
        foreach (var row in _rows) hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
    }
}
