using Retort.Studies;

namespace Retort.Tests.Studies;

public sealed class ReportTests
{
    [Fact]
    public void Demo()
    {
        var run = new SampleRun
        {
            Name = "quickstart", Classes = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
            Test = 1000, Examples = new(10000, 1000, 500, 1000), Epochs = 12,
            Tuning = new([0.02, 0.05, 0.1], [1001], [[.79], [.81], [.80]], [[.84], [.86], [.855]], new(.05, .05)),
        };
        var folder = "/tmp/demo";
        if (Directory.Exists(folder)) Directory.Delete(folder, true);
        Reports.Write(run.Write(folder), SampleRun.Data(run, 3));
    }
}
