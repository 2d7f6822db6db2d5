using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Report;
using Retort.Studies.Fidelity;

namespace Retort.Cli.Commands;

/// <summary>A finished run's report made again or checked against its files; several runs compared.</summary>
static class Report
{
    const int WidestLine = 100;

    public static Command Command()
    {
        var runs = new Argument<string[]>("RUN")
        {
            Description = "The run's folder; with --compare several.", Arity = ArgumentArity.OneOrMore,
        };
        var check = new Option<bool>("--check")
        {
            Description =
                "Writes nothing: computes every figure of the report again from the run's files, "
                + "and says what differs.",
        };
        var compare = new Option<bool>("--compare")
        {
            Description = "Compares the students of several runs: paired differences, then the distillation score.",
        };
        var alpha = new Option<double>("--alpha")
        {
            Description = "With --compare: the weight of size against the primary score, from 0 to 1.",
            DefaultValueFactory = _ => 0.5, HelpName = "α",
        };
        var size = SharedOptions.Choice(
            "--size", "With --compare: what sizes are counted in; parameters where it is left out.",
            "parameters", "bytes", "multiply-adds");
        var teacherSize = SharedOptions.Integer(
            "--teacher-size", 1, "With --compare: the teacher's size, where it was given and cannot be looked into.");
        var output = SharedOptions.Out("With --compare: a folder for compare.html, compare.md and compare.json.");
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("report", "Writes a run's report again from what the run kept.",
            "retort report runs/quickstart", "retort report --check runs/quickstart",
            "retort report --compare runs/small runs/large --alpha 0.3 --out comparison")
        {
            runs, check, compare, alpha, size, teacherSize, output, json,
        };
        command.Validators.Add(result =>
        {
            var (several, checks) = (result.GetValue(compare), result.GetValue(check));
            if (several && checks) result.AddError("--check and --compare cannot be combined: use one of them.");
            if (!several && result.GetValue(runs) is { Length: > 1 })
                result.AddError("One run has one report: --compare takes several.");
            var given = new Option[] { alpha, size, teacherSize, output }
                .FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
            if (!several && given is { } idle)
                result.AddError($"{idle.Name} belongs to --compare.");
            if (result.GetValue(alpha) is not (>= 0 and <= 1))
                result.AddError(
                    FormattableString.Invariant($"--alpha must be from 0 to 1; it is {result.GetValue(alpha)}."));
        });
        command.SetAction(result =>
        {
            var (names, say) = (result.GetRequiredValue(runs), result.InvocationConfiguration.Output);
            if (result.GetValue(check))
                return Check(names[0], result.GetValue(json), say, result.InvocationConfiguration.Error);
            if (!result.GetValue(compare))
                return Write(names[0], result.GetValue(json), say, result.InvocationConfiguration.Error);
            var unit = result.GetValue(size) switch
            {
                "bytes" => SizeUnit.Bytes,
                "multiply-adds" => SizeUnit.MultiplyAdds,
                _ => SizeUnit.Parameters,
            };
            return Compare(
                RunComparison.Of(names, result.GetValue(alpha), unit, result.GetValue(teacherSize)),
                result.GetValue(output), result.GetValue(json), say);
        });
        return command;
    }

    static int Write(string run, bool json, TextWriter output, TextWriter notes)
    {
        var width = TerminalWidth.Of(output);
        if (FidelityStudy.IsIn(run))
        {
            var study = FidelityStudy.Report(run);
            var results = Path.Combine(run, "results.json");
            output.Write(json ? InputFile.ReadAllText(results, Array.MaxLength) : RunSummary.Of(study, run, width));
            return 0;
        }
        var written = Reports.Write(run, Opened(run, notes));
        output.Write(json ? JsonSerializer.Serialize(written, Json.Indented) + "\n"
            : RunSummary.Of(written, run, width));
        return 0;
    }

    static int Check(string run, bool json, TextWriter output, TextWriter notes)
    {
        var differences = FidelityStudy.IsIn(run)
            ? FidelityStudy.Differences(run)
            : ReportCheck.Differences(run, Opened(run, notes));
        if (json) output.Write(JsonSerializer.Serialize(differences, Json.Indented) + "\n");
        else if (differences.Count == 0) output.WriteLine($"Every figure of {run} follows from its files.");
        else foreach (var difference in differences) output.WriteLine(difference);
        return differences.Count == 0 ? 0 : 1;
    }

    static int Compare(RunComparison comparison, string? folder, bool json, TextWriter output)
    {
        var width = Math.Min(TerminalWidth.Of(output) ?? WidestLine, WidestLine);
        if (folder is not null) ComparisonPages.Write(comparison, folder);
        if (json)
        {
            output.Write(comparison.ToJson());
            return 0;
        }
        WriteTexts(comparison.Paired.Select(pair => pair.Sentence));
        output.WriteLine();
        WriteTable(ComparisonPages.PairedRows(comparison));
        WriteTexts(comparison.PairingNotes.Concat(comparison.Unpaired));
        output.WriteLine();
        WriteTable(ComparisonPages.RankingRows(comparison));
        WriteTexts(comparison.Ranking?.Warnings ?? [comparison.Unranked!]);
        if (folder is not null) output.WriteLine(Path.Combine(folder, "compare.html"));
        return 0;

        void WriteTable(IReadOnlyList<IReadOnlyList<string>> rows)
        {
            if (rows.Count == 0) return;

            foreach (var line in PlainTable.Lines(rows[0], 3, rows.Skip(1), width)) output.WriteLine(line);
            output.WriteLine();
        }

        void WriteTexts(IEnumerable<string> texts)
        {
            foreach (var line in texts.SelectMany(text => Wrapping.Lines(text, width))) output.WriteLine(line);
        }
    }

    // the figures follow from the folder alone; the data is needed for images of examples
    static Dataset? Opened(string run, TextWriter notes)
    {
        var recipe = Path.Combine(run, "recipe.json");
        if (!File.Exists(recipe)) throw new InvalidDataException($"{run} holds no run: recipe.json is missing.");
        var data = Recipe.Read(recipe).Source;
        try
        {
            return data.Open();
        }
        catch (InvalidDataException error)
        {
            notes.WriteLine(
                $"The report has no images of examples, since the run's data cannot be read: {error.Message}");
            return null;
        }
    }
}
