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
    /// <summary>A network with fresh weights, drawn from the engine's generator.</summary>
    public abstract Network Build(DatasetInfo facts);
}

/// <summary>A teacher as a recipe names it.</summary>
public abstract record TeacherOptions;

/// <summary>A teacher that is there already: a file, a service, several of them together.</summary>
public abstract record PretrainedTeacherOptions : TeacherOptions
{
    /// <summary>How the teacher's own pictures were normalised; null: as the recipe's data.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>Opens it; what is wrong with the file or service is said in one sentence.</summary>
    public abstract ITeacher Open(DatasetInfo facts, torch.Device device);

    /// <summary>The same for a teacher that may keep us waiting, such as a service: cancelled, it throws, now or whenever it is asked.</summary>
    public virtual ITeacher Open(DatasetInfo facts, torch.Device device, CancellationToken token) => Open(facts, device);
}

/// <summary>A method as a recipe names it.</summary>
public abstract record MethodOptions;

/// <summary>Options of a loss.</summary>
public abstract record LossOptions : MethodOptions
{
    /// <summary>The loss for a run of these sizes.</summary>
    public abstract DistillationLoss Build(MethodContext facts);
}

/// <summary>Marks an option that names a file or folder: in a recipe it stands relative to the recipe's folder.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RecipePathAttribute : Attribute;
