namespace Retort.Contracts;

/// <summary>
/// Episodes of an environment that a policy is evaluated on: each example is one, its input the first observation, and
/// its prediction the return.
/// </summary>
public sealed class EpisodeSplit : IDataSplit
{
    internal const int TrainingPart = 0;
    internal const int ValidationPart = 1;
    internal const int TestPart = 2;

    /// <summary>The name of the predictions: <c>return</c>.</summary>
    internal const string Return = "return";

    readonly EnvironmentOptions _options;
    readonly int _part;

    internal EpisodeSplit(EnvironmentOptions options, DatasetInfo info, int part, int count)
    {
        (_options, Info, _part, Count) = (options, info, part, count);
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public DatasetInfo Info { get; }

    /// <inheritdoc/>
    public int? Views => 1;

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        using var environment = _options.Build();
        var episode = new Episode(environment);
        var width = episode.Observation.Length;
        var rows = into.Float32(InputNames.Observation, [width]);
        for (var i = 0; i < positions.Length; i++)
        {
            episode.Begin(Start(_part, positions[i]));
            for (var j = 0; j < width; j++) rows[i * width + j] = (float)episode.Observation[j];
            into.Ids[i] = positions[i];
        }
    }

    /// <summary>
    /// Begins an episode of the split; positions beyond its end are further episodes. The caller owns its environment.
    /// </summary>
    public Episode Begin(int position)
    {
        var episode = new Episode(_options.Build());
        episode.Begin(Start(_part, position));
        return episode;
    }

    /// <summary>The returns of a policy, which acts in all episodes side by side.</summary>
    /// <param name="act">A policy's output for observations. [B, D] → [B, A], row by row</param>
    /// <param name="broken">
    /// Called for an episode that ended since a state or a reward is not finite; its return is that of the steps
    /// before.
    /// </param>
    /// <param name="token">Stops the episodes.</param>
    /// <exception cref="InvalidDataException">
    /// A state or a reward is not a finite number, and <paramref name="broken"/> is null.
    /// </exception>
    public Predictions Returns(
        Func<float[], int, float[]> act, Action? broken = null, CancellationToken token = default)
    {
        List<Episode> open = [];
        var returns = new float[Count];
        try
        {
            for (var i = 0; i < Count; i++) open.Add(Begin(i));
            var positions = Enumerable.Range(0, Count).ToList();
            var actions = Info.Actions!;
            var action = new double[actions.StepWidth];
            while (open.Count > 0)
            {
                token.ThrowIfCancellationRequested();
                var output = act(RowsOf(open), open.Count);
                for (var i = open.Count - 1; i >= 0; i--)
                {
                    actions.FromOutput(output.AsSpan(i * actions.Width, actions.Width), action);
                    var end = open[i].Step(action).End;
                    if (end == EpisodeEnd.None) continue;

                    if (end == EpisodeEnd.Broken && broken is not null) broken();
                    else open[i].CheckHasReturn(end);
                    returns[positions[i]] = (float)open[i].Return;
                    open[i].Environment.Dispose();
                    open.RemoveAt(i);
                    positions.RemoveAt(i);
                }
            }
        }
        finally
        {
            foreach (var episode in open) episode.Environment.Dispose();
        }
        return new()
        {
            Output = Return,
            Values = returns,
            Width = 1,
            Labels = [.. Enumerable.Repeat(-1L, Count)],
            Ids = [.. Enumerable.Range(0, Count).Select(i => (long)i)],
        };
    }

    /// <summary>The returns of a network's deterministic policy.</summary>
    internal Predictions Returns(
        Func<Batch, Outputs> forward, OutputKey output, torch.Device? device, Action? broken = null,
        CancellationToken token = default)
    {
        var width = Info.Inputs[0].Count;
        var batch = new HostBatch();
        return Returns((rows, count) =>
        {
            using var scope = torch.NewDisposeScope();
            batch.Reset(count);
            rows.CopyTo(batch.Float32(InputNames.Observation, [width]));
            return forward(batch.ToBatch(device))[output].ToFloatArray();
        }, broken, token);
    }

    /// <summary>The random numbers of an episode's start state.</summary>
    internal static RandomStream Start(int part, int position) => new(part, StreamKey.Evaluation, position);

    static float[] RowsOf(List<Episode> open)
    {
        var width = open[0].Observation.Length;
        var rows = new float[open.Count * width];
        for (var i = 0; i < open.Count; i++)
            for (var j = 0; j < width; j++) rows[i * width + j] = (float)open[i].Observation[j];
        return rows;
    }
}
