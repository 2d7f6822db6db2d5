using System.Globalization;
using Retort.Data.Images;

namespace Retort.Data;

/// <summary>Images or rows of a table, normalized by their training split.</summary>
sealed class PreparedNumbers : PreparedExamples
{
    const int MaxColumnNames = 65536;                      // a config.json with more would be too large to open

    readonly NumericExamples _examples;
    readonly NumericDataOptions _options;
    readonly Normalization _normalization;
    readonly float[] _constants;

    public PreparedNumbers(NumericExamples examples, NumericDataOptions options, int[] training)
    {
        _examples = examples;
        _options = options;
        CheckAugmentation();
        _normalization = GivenNormalization() ?? examples.Measure(training);
        _constants = examples.Constants(_normalization);
        Info = new()
        {
            Targets = examples.Targets,
            Classes = examples.Classes,
            Inputs = [Spec(examples) with { Normalization = _normalization }],
            Columns = examples.Columns is { Count: <= MaxColumnNames } names ? names : null,
        };
    }

    public override DatasetInfo Info { get; }

    public override string HashHead
    {
        get
        {
            var size = _examples.Size;
            return Invariant($"{_examples.Input} {size.Channels} {size.Height} {size.Width}");
        }
    }

    public override IEnumerable<string> HashTail => Texts(_normalization);

    public override ExampleSplit SplitOf(SplitRows rows, SplitUse use)
    {
        var values = new SplitValues(_constants, use == SplitUse.Evaluation ? [] : _options.Augmentation)
        {
            Views = use == SplitUse.Training ? _options.Views : null,
            ViewSeed = _options.SplitSeed,
        };
        return _examples is ImageExamples images ? new ImageSplit(images, rows, Info, values)
            : new NumericSplit(_examples, rows, Info, values);
    }

    /// <summary>The numbers of a normalization, as the data's hash has them.</summary>
    public static IEnumerable<string> Texts(Normalization normalization) =>
        new[] { normalization.Scale }.Concat(normalization.Mean).Concat(normalization.StandardDeviation)
            .Select(value => value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>A normalization that the options give.</summary>
    /// <exception cref="InvalidDataException">It has other channels than the data, or divides by 0.</exception>
    public static Normalization Checked(
        Normalization given, int channels, string path, string option = "normalization")
    {
        if (given.Mean.Count != channels || given.StandardDeviation.Count != channels) throw Wrong(path,
            $"has {channels} channels; the option \"{option}\" gives {given.Mean.Count} means and "
            + $"{given.StandardDeviation.Count} standard deviations");
        if (!(given.Scale > 0) || given.StandardDeviation.Any(value => !(value > 0))) throw Wrong(path,
            "cannot be normalized as given: scale and standard deviations must be greater than 0");
        return given;
    }

    static TensorSpec Spec(NumericExamples examples) => examples.Input switch
    {
        InputNames.PixelValues =>
            TensorSpec.PixelValues(examples.Size.Channels, examples.Size.Height, examples.Size.Width),
        InputNames.InputFeatures => TensorSpec.InputFeatures(examples.Size.Height, examples.Size.Width),
        _ => TensorSpec.Features(examples.Size.Count),
    };

    void CheckAugmentation()
    {
        if (_examples.Targets != TargetKind.Class && _options.Augmentation.Any(one => one.MixesExamples)) throw Wrong(
            "has no class labels: the augmentation \"mixup\" mixes class labels, so leave it out");
        foreach (var augmentation in _options.Augmentation) augmentation.Check(_examples);
        if (_options.Views is null) return;

        if (_options.Augmentation.Count == 0) throw Wrong(
            "has the same view in every pass: the option \"views\" needs an \"augmentation\"");
        if (_options.Augmentation.Any(augmentation => augmentation.MixesExamples)) throw Wrong(
            "cannot have \"views\" with \"mixup\": which examples are mixed depends on the seed, "
            + "so no image is the same twice");
    }

    Normalization? GivenNormalization()
    {
        if (_options.Normalization is not { } given) return null;

        Checked(given, _examples.Size.Channels, _options.Path);
        return _examples.White is { } white ? given.Over(white) : given;
    }

    InvalidDataException Wrong(string what) => Wrong(_options.Path, what);

    static InvalidDataException Wrong(string path, string what) => new($"{path} {what}.");
}
