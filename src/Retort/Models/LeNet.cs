namespace Retort.Models;

/// <summary>Options of <see cref="LeNet"/>.</summary>
public sealed record LeNetOptions : ModelOptions
{
    /// <summary>
    /// Batch normalization between the first convolution, which keeps its bias, and its ReLU: 12 more parameters.
    /// </summary>
    public bool BatchNorm { get; init; }

    public override Network Build(DatasetInfo info) => new LeNet(this, info);
}

/// <summary>
/// LeNet-5 with ReLU and max-pooling, as it is used today (LeCun et al. 1998, §II.B; 61,706 parameters on MNIST).
/// Hidden states: the maps after each pooling. Initial weights are PyTorch's.
/// </summary>
public sealed class LeNet : Network
{
    readonly Conv2d conv1;
    readonly BatchNorm2d? bn1;
    readonly Conv2d conv2 = new(6, 16, 5);
    readonly Linear fc1;
    readonly Linear fc2 = new(120, 84);
    readonly Linear? fc3;

    public LeNet(LeNetOptions options, DatasetInfo info) : base(nameof(LeNet))
    {
        var (channels, height, width) = ImageInput.Of(info, "lenet", least: 12);
        conv1 = new(channels, 6, 5, padding: 2);
        bn1 = options.BatchNorm ? new(6) : null;
        fc1 = new(16 * ((height / 2 - 4) / 2) * ((width / 2 - 4) / 2), 120);
        fc3 = ClassifierOutputs.Classifier(84, info);
        RegisterComponents();
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc3);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        // ReLU and maximum commute: after the pooling the ReLU is a quarter of the work
        var map = conv1.call(inputs.Image);                                         // [B, 6, 28, 28] of 28 x 28
        var low = (bn1 is null ? map : bn1.call(map)).MaxPool2d(2).ReluInPlace();   // [B, 6, 14, 14]
        var high = conv2.call(low).MaxPool2d(2).ReluInPlace();                      // [B, 16, 5, 5]
        return ClassifierOutputs.To(wanted, [low, high],
            () => fc2.call(fc1.call(high.Flatten()).ReluInPlace()).ReluInPlace(),   // [B, 84]
            fc3);
    }
}
