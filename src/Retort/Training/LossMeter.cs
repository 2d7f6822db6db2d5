using TorchSharp;

namespace Retort.Training;

/// <summary>The sums of an epoch's losses, term by term as the method names them.</summary>
sealed class LossMeter
{
    Dictionary<string, double> _sums = [];

    /// <summary>Steps summed up.</summary>
    public long Steps { get; private set; }

    /// <summary>By term, for a checkpoint.</summary>
    public IReadOnlyDictionary<string, double> Sums => _sums;

    /// <summary>Mean loss of a step; 0 before the first.</summary>
    public double Mean => Steps == 0 ? 0 : _sums.Values.Sum() / Steps;

    /// <summary>Adds a step's terms, or names the first that is no number and adds nothing.</summary>
    public string? Add(LossTerms terms)
    {
        Span<double> values = stackalloc double[terms.Parts.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = terms.Parts[i].Value.ToSingle();
            if (!double.IsFinite(values[i])) return terms.Parts[i].Name;
        }
        for (var i = 0; i < values.Length; i++)
            _sums[terms.Parts[i].Name] = _sums.GetValueOrDefault(terms.Parts[i].Name) + values[i];
        Steps++;
        return null;
    }

    /// <summary>Means by term and, as <c>total</c>, their sum.</summary>
    public IReadOnlyDictionary<string, double> Means()
    {
        var means = _sums.ToDictionary(pair => pair.Key, pair => pair.Value / Steps);
        means["total"] = Mean;
        return means;
    }

    /// <summary>Goes on from a checkpoint.</summary>
    public void Restore(IReadOnlyDictionary<string, double> sums, long steps) => (_sums, Steps) = (new(sums), steps);

    /// <summary>Starts a new epoch.</summary>
    public void Clear() => (_sums, Steps) = ([], 0);
}
