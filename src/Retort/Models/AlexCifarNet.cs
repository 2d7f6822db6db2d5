namespace Retort.Models;

/// <summary>Options of <see cref="AlexCifarNet"/>: it has none.</summary>
public sealed record AlexCifarNetOptions : ModelOptions
{
    public override Network Build(DatasetInfo info) => new AlexCifarNet(info);
}

/// <summary>
/// The network of Dataset Distillation for CIFAR-10 (Wang et al., arXiv:1811.10959; 1,756,426 parameters): two
/// convolutions with local response normalization (Krizhevsky et al. 2012, §3.3), three linear layers. Hidden states:
/// the maps after each convolution's block. Initial weights are PyTorch's.
/// </summary>
public sealed class AlexCifarNet : Network
{
    // one step of the window before a channel more than after it
    const int WindowBefore = 2;
    const int WindowAfter = 1;
    const double Alpha = 0.001 / 9;
    const double Beta = 0.75;

    readonly Conv2d conv1;
    readonly Conv2d conv2 = new(64, 64, 5, padding: 2);
    readonly Linear fc1;
    readonly Linear fc2 = new(384, 192);
    readonly Linear? fc3;

    public AlexCifarNet(DatasetInfo info) : base(nameof(AlexCifarNet))
    {
        var (channels, height, width) = ImageInput.Of(info, "alex-cifar", least: 4);
        conv1 = new(channels, 64, 5, padding: 2);
        fc1 = new(64 * Halved(Halved(height)) * Halved(Halved(width)), 384);
        fc3 = ClassifierOutputs.Classifier(192, info);
        RegisterComponents();

        static long Halved(long side) => (side + 1) / 2;
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc3);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        // of 32 x 32
        var low = Normalized(conv1.call(inputs.Image).ReluInPlace().MaxPool2d(3, 2, 1));        // [B, 64, 16, 16]
        var high = Normalized(conv2.call(low).ReluInPlace()).MaxPool2d(3, 2, 1);                // [B, 64, 8, 8]
        return ClassifierOutputs.To(wanted, [low, high],
            () => fc2.call(fc1.call(high.Flatten()).ReluInPlace()).ReluInPlace(),               // [B, 192]
            fc3);
    }

    // a / (1 + α/n Σ a²)^β over the n channels of a window; 1 where all are 0
    internal static Tensor Normalized(Tensor a)
    {
        var channels = a.size(1);
        var squares = a.Squared().PadChannels(WindowBefore, WindowAfter);                       // [B, C + 3, H, W]
        var sum = squares.Slice(1, 0, channels);
        for (var i = 1L; i <= WindowBefore + WindowAfter; i++) sum = sum.Add(squares.Slice(1, i, i + channels));
        var share = Alpha / (WindowBefore + WindowAfter + 1);
        return a.Times(sum.Times(share).Add(1).Log().Times(-Beta).Exp());
    }
}
