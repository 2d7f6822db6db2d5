namespace Retort.Data;

/// <summary>The datasets that can be downloaded from their publishers.</summary>
public static class Downloads
{
    /// <summary>All datasets that can be downloaded.</summary>
    public static IReadOnlyList<PublishedDataset> Known { get; } =
    [
        new()
        {
            Name = "fashion-mnist",
            Summary = "70,000 grey images of clothes, 28 × 28, 10 classes",
            Format = "idx",
            Licence = "MIT",
            Page = "https://github.com/zalandoresearch/fashion-mnist",
            DigestSource = "the publisher's README",
            BaseAddress = new("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
            Files =
            [
                new("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
                new("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29_515),
                new("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4_422_102),
                new("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5_148),
            ],
            Classes =
            [
                "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
            ],
        },
        new()
        {
            Name = "mnist",
            Summary = "70,000 grey images of handwritten digits, 28 × 28, 10 classes",
            Format = "idx",
            Licence = "CC BY-SA 3.0",
            Page = "http://yann.lecun.com/exdb/mnist/",
            // the authors' page no longer serves the files
            DigestSource = "torchvision's list for this copy (the authors publish none)",
            BaseAddress = new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
            Files =
            [
                new("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
                new("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28_881),
                new("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1_648_877),
                new("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4_542),
            ],
        },
        new()
        {
            Name = "cifar-10",
            Summary = "60,000 color images, 32 × 32, 10 classes",
            Format = "cifar",
            Licence = "none stated; cite Krizhevsky 2009",
            Page = "https://www.cs.toronto.edu/~kriz/cifar.html",
            DigestSource = "the publisher's page",
            BaseAddress = new("https://www.cs.toronto.edu/~kriz/"),
            Files = [new("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", 170_000_000)],
        },
        new()
        {
            Name = "cifar-100",
            Summary = "60,000 color images, 32 × 32, 100 classes",
            Format = "cifar",
            Licence = "none stated; cite Krizhevsky 2009",
            Page = "https://www.cs.toronto.edu/~kriz/cifar.html",
            DigestSource = "the publisher's page",
            BaseAddress = new("https://www.cs.toronto.edu/~kriz/"),
            Files = [new("cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8", 169_000_000)],
        },
    ];

    /// <summary>The dataset of this name.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static PublishedDataset Find(string name) =>
        Known.FirstOrDefault(set => set.Name == name) ?? throw new ArgumentException(
            $"\"{name}\" cannot be downloaded; the datasets are {string.Join(", ", Known.Select(set => set.Name))}.");
}
