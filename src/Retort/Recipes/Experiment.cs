using Retort.Methods;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Recipes;

/// <summary>Carries a recipe out.</summary>
public static class Experiment
{
    public static void Run(Recipe recipe, string folder, IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        var data = recipe.Data.Open();
        using var teacher = recipe.Teacher is TrainedTeacherOptions trained ? new FrozenNetwork(Train("teacher", trained.Network,
            new LabelsOnlyOptions(), trained.Training, null, trained.Seed), owns: true) : null;
        for (var seed = 1; seed <= recipe.Seeds; seed++)
        {
            Train($"control-seed{seed}", recipe.Student, new LabelsOnlyOptions(), recipe.Training, null, seed).Dispose();
            Train($"student-seed{seed}", recipe.Student, (LossOptions)recipe.Method, recipe.Training, teacher, seed).Dispose();
        }

        Network Train(string part, ModelOptions model, LossOptions method, TrainingOptions training, ITeacher? asked, int seed)
        {
            var where = Path.Combine(folder, "networks", part);
            var own = asked is null ? data.Labelled : data.Training;
            var perEpoch = Math.Max(data.Training.Count / training.Batch, 1);
            using var loss = method.Build(new()
            {
                Classes = data.Facts.Classes.Count, Examples = own.Count, Batch = training.Batch, Steps = perEpoch * training.Epochs,
                Student = new(0, 0, []),
            });
            using var trainer = new Trainer(new()
            {
                Part = part, Folder = where, Build = () => model.Build(data.Facts), Method = loss, Teacher = asked,
                Data = own, Validation = data.Validation, Options = training,
                Steps = perEpoch * training.Epochs, StepsPerEpoch = perEpoch, Seed = seed, Progress = progress,
            });
            var network = trainer.Run(token);
            SafeTensors.Write(Path.Combine(where, "model.safetensors"), network.state_dict());
            Predictions.Write(Path.Combine(where, "predictions.safetensors"),
                ("validation", Predictions.Of(network, data.Validation)), ("test", Predictions.Of(network, data.Test)));
            return network;
        }
    }
}
