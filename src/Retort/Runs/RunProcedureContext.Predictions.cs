using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Training;

namespace Retort.Runs;

/// <remarks>This file: what the procedure asks of networks, teachers and the job.</remarks>
sealed partial class RunProcedureContext
{
    public override bool IsTrial => job.IsTrial;

    public override JsonNode Describe(ModelOptions model) => Recipe.Write(model.Architecture());

    public override Predictions Predict(ITeacher teacher, IDataSplit split)
    {
        if (ReferenceEquals(teacher, Teacher))
        {
            var name = ReferenceEquals(split, Data.Validation) ? "validation"
                : ReferenceEquals(split, Data.Test) ? "test" : null;
            if (name is not null && context.Teachers.Stored(job.Teacher!, name) is { } stored) return stored;
        }
        return Predict(teacher, split, Task.Output)[Task.Output];
    }

    public override IReadOnlyDictionary<OutputKey, Predictions> Predict(
        ITeacher teacher, IDataSplit split, OutputSet outputs)
    {
        var isCached = ReferenceEquals(teacher, Teacher) && teacher is CachedTeacher;
        if (isCached && !(outputs.Except(teacher.AvailableOutputs).IsEmpty && IsCached(split)))
            teacher = context.Teachers.Open(job.Teacher!, context.Recipe, Data, context.Token);
        return Evaluator.Predict(teacher, split, outputs, Device, context.Token);
    }

    public override Predictions Predict(Network network, IDataSplit split) =>
        Evaluator.Predict(network, split, Task.Output, Device);

    // a cache has the training examples, in the views that are trained on: whether the plain view is one of them
    bool IsCached(IDataSplit split)
    {
        if (!ReferenceEquals(split, Data.Training)) return false;

        var batch = new HostBatch();
        split.Load([0], View.Plain, batch);
        return batch.ViewIndex is not null;
    }
}
