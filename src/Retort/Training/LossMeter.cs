namespace Retort.Training;

/// <summary>Sums the losses of an epoch, term by term.</summary>
sealed class LossMeter
{
    Dictionary<string, double> _sums = [];

    /// <summary>Steps in the sums.</summary>
    public long Steps { get; private set; }

    /// <summary>The sums by term, for a checkpoint.</summary>
    public IReadOnlyDictionary<string, double> Sums => _sums;

    /// <summary>The mean loss of a step; 0 before the first.</summary>
    public double Mean => Steps == 0 ? 0 : _sums.Values.Sum() / Steps;

    /// <summary>
    /// Adds a step's terms and returns null; if a term is not finite, adds nothing and returns its name.
    /// </summary>
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

    /// <summary>The means by term and, as <c>total</c>, their sum.</summary>
    public IReadOnlyDictionary<string, double> Means()
    {
        var means = _sums.ToDictionary(pair => pair.Key, pair => pair.Value / Steps);
        means["total"] = Mean;
        return means;
    }

    /// <summary>Restores the sums of a checkpoint.</summary>
    public void Restore(IReadOnlyDictionary<string, double> sums, long steps) => (_sums, Steps) = (new(sums), steps);

    /// <summary>Starts a new epoch.</summary>
    public void Clear() => (_sums, Steps) = ([], 0);
}
