using TorchSharp;

namespace Retort.Contracts;

/// <summary>A data set as a recipe names it.</summary>
public abstract record DataOptions
{
    /// <summary>Reads it; throws <see cref="InvalidDataException"/> with the file and what is wrong.</summary>
    public abstract Dataset Open();
}

/// <summary>A network as a recipe names it.</summary>
public abstract record ModelOptions
{
    /// <summary>A network with new weights, drawn from libtorch's generator.</summary>
    public abstract Network Build(DatasetInfo data);
}

/// <summary>A teacher as a recipe names it.</summary>
public abstract record TeacherOptions;

/// <summary>A teacher that exists already: a file, a service, several of them together.</summary>
public abstract record PretrainedTeacherOptions : TeacherOptions
{
    /// <summary>How the teacher's own inputs were normalized; null: as the recipe's data.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>Opens it; what is wrong with the file or service is said in one sentence.</summary>
    public abstract ITeacher Open(DatasetInfo data, torch.Device device);

    /// <summary>The same for a teacher that may have to be waited for; after cancellation it throws.</summary>
    public virtual ITeacher Open(DatasetInfo data, torch.Device device, CancellationToken token) => Open(data, device);
}

/// <summary>A method as a recipe names it.</summary>
public abstract record MethodOptions;

/// <summary>Options of a loss.</summary>
public abstract record LossOptions : MethodOptions
{
    /// <summary>The loss for one training.</summary>
    public abstract DistillationLoss Build(MethodContext context);
}

/// <summary>Marks an option that names a file or folder: in a recipe it is relative to the recipe's folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RecipePathAttribute : Attribute;
