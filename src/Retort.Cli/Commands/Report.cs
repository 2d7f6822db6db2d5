using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Report;
using Retort.Studies.Fidelity;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort report</c>: writes or checks the report of a run, or compares several runs.</summary>
static class Report
{
    public static Command Command()
    {
        var runs = new Argument<string[]>("RUN")
        {
            Description = "The run's folder, or several with --compare.", Arity = ArgumentArity.OneOrMore,
        };
        var check = new Option<bool>("--check")
        {
            Description = "Computes every figure of the report again and prints what differs, without writing.",
        };
        var compare = new Option<bool>("--compare")
        {
            Description = "Ranks the students of several runs by their distillation score.",
        };
        var alpha = new Option<double>("--alpha")
        {
            Description = "With --compare: the weight of size against accuracy, from 0 to 1.",
            DefaultValueFactory = _ => 0.5,
            HelpName = "α",
        };
        var size = SharedOptions.Choice(
            "--size",
            "With --compare: the unit of size; parameters by default.",
            "parameters",
            "bytes",
            "multiply-adds");
        var teacherSize = SharedOptions.Integer(
            "--teacher-size", 1, "With --compare: the size of a teacher that cannot be inspected.");
        var output = SharedOptions.Text(
            "--out", "folder", "With --compare: a folder for compare.html, compare.md and compare.json.");
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "report",
            "Writes a run's report again from the run's files.",
            "retort report runs/quickstart",
            "retort report --check runs/quickstart",
            "retort report --compare runs/small runs/large --alpha 0.3 --out comparison")
        {
            runs, check, compare, alpha, size, teacherSize, output, json,
        };
        command.Validators.Add(result =>
        {
            var comparesRuns = result.GetValue(compare);
            Option[] options = [alpha, size, teacherSize, output];
            var given = options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
            if (comparesRuns && result.GetValue(check))
                result.AddError("--check and --compare cannot be combined: use one of them.");
            if (!comparesRuns && result.GetValue(runs) is { Length: > 1 })
                result.AddError("Several runs need --compare.");
            if (!comparesRuns && given is not null)
                result.AddError($"{given.Name} needs --compare.");
            if (result.GetValue(alpha) is not (>= 0 and <= 1))
                result.AddError(Invariant($"--alpha must be from 0 to 1; it is {result.GetValue(alpha)}."));
        });
        command.SetAction(result =>
        {
            var folders = result.GetRequiredValue(runs);
            var isJson = result.GetValue(json);
            var io = result.InvocationConfiguration;
            if (result.GetValue(check)) return Check(folders[0], isJson, io);
            if (!result.GetValue(compare)) return Write(folders[0], isJson, io);

            var ranking = Ranking.Of(
                folders, result.GetValue(alpha), UnitOf(result.GetValue(size)), result.GetValue(teacherSize));
            return Compare(ranking, result.GetValue(output), isJson, io.Output);
        });
        return command;
    }

    static SizeUnit UnitOf(string? name) => name switch
    {
        "bytes" => SizeUnit.Bytes,
        "multiply-adds" => SizeUnit.MultiplyAdds,
        _ => SizeUnit.Parameters,
    };

    static int Write(string run, bool json, InvocationConfiguration io)
    {
        if (FidelityStudy.IsIn(run))
        {
            var study = FidelityStudy.Report(run);
            io.Output.Write(json ? File.ReadAllText(Path.Combine(run, "results.json")) : RunSummary.Of(study, run));
            return 0;
        }

        var results = Reports.Write(run, OpenData(run, io.Error));
        io.Output.Write(json ? JsonSerializer.Serialize(results, Json.Indented) + "\n" : RunSummary.Of(results, run));
        return 0;
    }

    static int Check(string run, bool json, InvocationConfiguration io)
    {
        var differences = FidelityStudy.IsIn(run)
            ? FidelityStudy.Differences(run)
            : ReportCheck.Differences(run, OpenData(run, io.Error));
        if (json)
            io.Output.Write(JsonSerializer.Serialize(differences, Json.Indented) + "\n");
        else if (differences.Count == 0)
            io.Output.WriteLine($"Every figure of {run} follows from its files.");
        else
            foreach (var difference in differences) io.Output.WriteLine(difference);
        return differences.Count == 0 ? 0 : 1;
    }

    static int Compare(Ranking ranking, string? folder, bool json, TextWriter output)
    {
        if (folder is not null) RankingPages.Write(ranking, folder);
        if (json)
        {
            output.Write(JsonSerializer.Serialize(ranking, Json.Indented) + "\n");
            return 0;
        }

        var rows = RankingPages.Rows(ranking);
        foreach (var line in PlainTable.Lines(rows[0], 3, rows.Skip(1))) output.WriteLine(line);
        foreach (var warning in ranking.Warnings) output.WriteLine(warning);
        if (folder is not null) output.WriteLine(Path.Combine(folder, "compare.html"));
        return 0;
    }

    /// <summary>The run's data, which only the images of examples need; null where it cannot be read.</summary>
    static Dataset? OpenData(string run, TextWriter notes)
    {
        var recipe = Path.Combine(run, "recipe.json");
        if (!File.Exists(recipe)) throw new InvalidDataException($"{run} holds no run: recipe.json is missing.");

        var data = Recipe.Read(recipe).Data;
        try
        {
            return data.Open();
        }
        catch (InvalidDataException error)
        {
            notes.WriteLine($"The report has no images of examples, because the data cannot be read: {error.Message}");
            return null;
        }
    }
}
