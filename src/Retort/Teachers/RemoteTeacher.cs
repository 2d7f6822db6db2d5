using System.Security.Cryptography;
using System.Text.Json;
using Retort.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Teachers;

/// <summary>Options of a teacher that is served over HTTP; docs/teachers.md has the protocol.</summary>
public sealed record RemoteTeacherOptions : PretrainedTeacherOptions
{
    /// <summary>Where the service answers, such as http://127.0.0.1:8000/teacher.</summary>
    [HttpUrl] public required string Url { get; init; }

    /// <summary>The version that the service must state; any, but the same for the whole run, unless given.</summary>
    public string? Version { get; init; }

    /// <summary>Seconds that one request may take.</summary>
    [Positive] public double Timeout { get; init; } = 30;

    /// <summary>How often a request is sent again that failed for want of a connection, of time, or of the service's health.</summary>
    [NotNegative] public int Retries { get; init; } = 5;

    /// <summary>Seconds before the first repetition; each further one waits twice as long.</summary>
    [NotNegative] public double Backoff { get; init; } = 0.25;

    /// <summary>The environment variable with a token that is sent as <c>Authorization: Bearer</c>; none unless given.</summary>
    public string? TokenVariable { get; init; }

    public override ITeacher Open(DatasetInfo facts, Device device) => Open(facts, device, CancellationToken.None);

    public override ITeacher Open(DatasetInfo facts, Device device, CancellationToken token) =>
        new RemoteTeacher(OptionRules.Check(this), facts, device, token);
}

/// <summary>A served model that answers for a teacher: a batch is posted, logits come back.</summary>
public sealed class RemoteTeacher : ITeacher
{
    readonly RemoteClient _client;
    readonly TeacherInput _feed;
    readonly Device _device;
    readonly string _url;
    readonly RemoteModelInfo _card;

    internal RemoteTeacher(RemoteTeacherOptions options, DatasetInfo facts, Device device, CancellationToken token)
    {
        (_url, _device) = (options.Url, device);
        _feed = new(facts, options.Normalization, facts.Inputs[0].Axes.Count == 3 ? ImageLayout.Nchw : ImageLayout.Flat, device);
        _client = new(options, token);
        try
        {
            _card = _client.Card();
            Check(options, facts);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public OutputSet AvailableOutputs => Output.Logits;

    public Outputs Forward(Batch batch, OutputSet wanted)
    {
        if (wanted.Except(AvailableOutputs) is { IsEmpty: false } missing) throw new InvalidOperationException($"{_url} serves logits alone; {missing} was asked for.");
        if (wanted == OutputSet.None) return new();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var given = _feed.Of(batch).cpu();
        var (shape, logits) = _client.Logits(given.bytes, given.shape, _card.Version, _feed.Classes);
        _feed.Check(shape, given.size(0), _url);
        for (var i = 0; i < logits.Length; i++)
            if (!float.IsFinite(logits[i])) throw new InvalidDataException(
                FormattableString.Invariant($"{_url} must answer with finite numbers; example {i / _feed.Classes} of the batch, class {i % _feed.Classes}, is {logits[i]}."));
        return new() { Logits = scope.MoveToOuter(logits.ToTensor(shape).to(_device)) };
    }

    /// <summary>Over what the service says of itself now.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(_client.Card())));

    public void Dispose()
    {
        _client.Dispose();
        _feed.Dispose();
    }

    void Check(RemoteTeacherOptions options, DatasetInfo facts)
    {
        if (options.Version is { } version && version != _card.Version) throw new InvalidDataException(
            $"{_url} must serve version \"{version}\"; it serves \"{_card.Version}\".");
        if (_card.Classes.Count != facts.Classes.Count) throw new InvalidDataException(
            $"{_url} answers for {_card.Classes.Count} classes; the data has {facts.Classes.Count}.");
        for (var i = 0; i < facts.Classes.Count; i++)
            if (_card.Classes[i] != facts.Classes[i]) throw new InvalidDataException(
                $"{_url} must have the data's classes in the data's order; class {i} is \"{_card.Classes[i]}\" there and \"{facts.Classes[i]}\" here.");
        if (!_card.Input.SequenceEqual(_feed.Shape)) throw new InvalidDataException(
            $"{_url} takes examples of [{string.Join(", ", _card.Input)}]; the data gives {_feed.Name} [{string.Join(", ", _feed.Shape)}].");
    }
}

/// <summary>What a service says of itself.</summary>
/// <param name="Name">Of the model.</param>
/// <param name="Version">Changes with every change of its answers.</param>
/// <param name="Classes">Names, in the order of the logits.</param>
/// <param name="Input">Shape of one example.</param>
sealed record RemoteModelInfo(string Name, string Version, IReadOnlyList<string> Classes, IReadOnlyList<long> Input);
