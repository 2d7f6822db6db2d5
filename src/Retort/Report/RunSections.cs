using Retort.Contracts.Sections;

namespace Retort.Report;

/// <summary>The report of a run as sections: the general ones, and those of its task.</summary>
sealed class RunSections
{
    readonly Results _results;
    readonly RunData _run;
    readonly RunTables _tables;
    readonly RunCharts _charts;
    readonly Score _primary;

    RunSections(Results results, RunData run)
    {
        _results = results;
        _run = run;
        _tables = new(results, run.Task);
        _charts = new(run);
        _primary = run.Task.Primary;
    }

    public static Document Of(Results results, RunData run, TaskDetails? details)
    {
        var sections = new RunSections(results, run);
        return new("Retort report", results.Recipe.Name, $"on {results.Data.Name}",
            [.. sections.Top(), .. details?.Sections ?? [], .. sections.Bottom()]);
    }

    IEnumerable<Section> Top()
    {
        if (_results.Findings is { } findings) yield return new("Before you read the figures",
            [.. findings.Select(finding => new TextBlock(TextStyle.Warning,
                new(finding.Text, Strong: true), new($" {finding.Advice}")))]);
        yield return Verdict();
        yield return new("Figures",
            TextBlock.Note("On the test set, mean ± standard deviation (n − 1) over "
                + $"{NumberFormat.Seeds(_results.Seeds)}; {_tables.Weights}."),
            _tables.Scores());
        yield return new Section("Size and speed", _tables.Costs(), TextBlock.Note(_tables.LatencyNote()))
        {
            HalfWidth = true,
        };
        if (_results.Pairs is { } pairs)
            yield return new Section("Pairs", _tables.Pairs(pairs), TextBlock.Note(PairsNote())) { HalfWidth = true };
        if (_results.Stages is { } stages) yield return new("Stages",
            TextBlock.Note(StagesNote(stages)),
            _tables.Stages(stages));
        if (_results.Student.Figures is { } figures) yield return new Section("What the procedure found",
            RunTables.Figures(figures), TextBlock.Note("Of the student, mean ± standard deviation over seeds."))
        {
            HalfWidth = true,
        };
        if (_results.LossTerms is { } terms) yield return LossTerms(terms);
        foreach (var section in MeasuredSections.Of(_run)) yield return section;
        if (new LearningCharts(_results, _run).All() is { Count: > 0 } learning) yield return new("Learning",
            [.. Legend() is { } legend ? new Block[] { legend } : [], new RowBlock([.. learning])]);
    }

    Section LossTerms(LossTermsResults terms)
    {
        const string title = "Loss terms on validation data";
        if (terms.Student is null) return new(title, TextBlock.Note($"Not computed. {terms.LeftOut}"))
        {
            HalfWidth = true,
        };
        return new Section(title, RunTables.LossTerms(terms), TextBlock.Note(
            "Each term of the method's loss, weighted as in training, on examples that are not trained on: mean over "
            + $"them, mean ± standard deviation over seeds; {_tables.Weights}. Lower is nearer to what the method asks "
            + "for" + (terms.Control is null ? "." : "; the control was not trained by it.")))
        {
            HalfWidth = true,
        };
    }

    IEnumerable<Section> Bottom()
    {
        foreach (var section in Search()) yield return section;
        yield return new("How to read this", [.. Reading()]);
        yield return new("Where it comes from", _tables.Provenance(),
            new CodeBlock("The recipe", _run.Info.Recipe.ToJsonString(Json.Indented)));
    }

    IEnumerable<Section> Search()
    {
        if (_results.Search is not { } search) yield break;

        if (RunTables.IsTuning(search))
        {
            yield return new("Search of the learning rate", _tables.Tuning(search),
                TextBlock.Note($"{ScoreFormat.Capital(_primary.Heading(" on validation"))}, mean over "
                    + $"{NumberFormat.Seeds(search.Seeds)}{(search.Seeds.Count > 1 ? " (each in brackets)" : "")}, "
                    + "not reported above"
                    + (search.Teacher is null ? ". Control and student each keep the rate marked ✓."
                        : "; of the teacher with its own seed. Each keeps the rate marked ✓.")));
            yield break;
        }
        yield return new("Search: the student's trials", _charts.Parallel(search.Student),
            _tables.Search(search.Student), TextBlock.Note(RunTables.SearchNote(search)));
        if (search.Control is { } control)
            yield return new("Search: the control's trials", _tables.Search(control));
    }

    Section Verdict()
    {
        if (_results is not { Verdict: { } verdict, Pairs: { } pairs })
        {
            var score = _results.Student.Scores[_primary.Name].Mean;
            return new("", new TextBlock(TextStyle.Headline, $"{_primary.Title} {_primary.ShortWithUnit(score)}"),
                new TextBlock(TextStyle.Lead,
                    "on test. There is no control to compare with: the student itself learns "
                    + (_results.Data.Examples.Training == 0 ? "by a method of controls." : "from the labels alone.")))
            {
                Verdict = Tone.Neutral,
            };
        }
        List<Block> text =
        [
            new TextBlock(TextStyle.Headline, verdict.Outcome.ToString().ToLowerInvariant()),
            new TextBlock(TextStyle.Lead, ScoreFormat.Capital(verdict.SentenceAfterOutcome) + "."),
            new TextBlock(TextStyle.Body, MeansText()),
        ];
        if (_results is { GapClosed: { } gap, Control: { } control, Teacher: { } teacher })
            text.Add(new ProgressBlock(GapText(gap), gap, $"control {Mean(control)}", $"teacher {Mean(teacher)}"));
        return new("", new ColumnsBlock(text, [Differences(pairs, verdict.Difference)]))
        {
            Verdict = verdict.Outcome switch
            {
                Outcome.Helped => Tone.Good,
                Outcome.Hurt => Tone.Bad,
                _ => Tone.Neutral,
            },
        };

        string Mean(ModelResults model) => _primary.ShortWithUnit(model.Scores[_primary.Name].Mean);

        string MeansText()
        {
            (string Role, ModelResults? Model)[] models =
                [("student", _results.Student), ("control", _results.Control), ("teacher", _results.Teacher)];
            var means = models.Where(one => one.Model?.Scores.ContainsKey(_primary.Name) == true)
                .Select(one => $"{one.Role} {Mean(one.Model!)}");
            return $"{ScoreFormat.Capital(_primary.Title)} on test, mean over the seeds: {string.Join(", ", means)}.";
        }
    }

    ChartBlock Differences(IReadOnlyList<Pair> pairs, Interval interval) => DifferenceChart.Of(
        "differences", "student − control", _primary, [.. pairs.Select(pair => pair.Difference)], interval);

    static string GapText(double closed) => closed switch
    {
        < 0 => "None of the gap between control and teacher is closed.",
        > 1 => "The student's mean is above its teacher's.",
        _ => $"{NumberFormat.Percent(closed, 0)} % of the gap between control and teacher is closed.",
    };

    /// <summary>Whose color is whose; null where there is only one.</summary>
    LegendBlock? Legend() => _results.Control is null ? null : new(
    [
        .. _results.Teacher is null ? Array.Empty<LegendEntry>() : [new(SeriesStyle.Teacher, "teacher")],
        new(SeriesStyle.Control, "control"), new(SeriesStyle.Student, "student"),
    ]);

    /// <summary>Whether control and student are trained on the same examples, and so in the same order.</summary>
    bool SameExamples => _results.Data.Examples.Labelled == _results.Data.Examples.Training;

    /// <summary>
    /// Whether each network of a procedure is trained for the steps of the control, and the first like the control.
    /// </summary>
    bool TrainsEachLikeControl => _results.Control is { Method: not null, StepsInAll: null, Steps: { } steps }
        && _run.Students[0].TrainedEachFor(steps)
        && _run.Students[0].Stages[0].Config.Network.ToJsonString() == _results.Control.Network.ToJsonString();

    string StagesNote(IReadOnlyList<StageResults> stages)
    {
        var isChain = stages.Skip(1).Zip(stages).All(pair => pair.First.Teacher == pair.Second.Part);
        var retrieves = _run.Students[0].Config.KnowledgeFile is not null;
        var order = stages.Count == 1 ? "The network that the procedure trained"
            : isChain ? "Networks trained one after another, each with the one before it as its teacher"
            : "Networks in the order in which they were finished";
        return order + (retrieves ? "; the last, with its knowledge base, is the student. On the test set, without it."
            : stages.Count == 1 ? ": the student. On the test set." : "; the last is the student. On the test set.");
    }

    string PairsNote()
    {
        var note = $"{ScoreFormat.Capital(_primary.Title)} on test. ";
        if (_results.Control is { Method: null })
            return note + "The control is the student's network with its initial weights: the data has no targets to "
                + "train it with.";
        if (_results.Stages is { } stages)
        {
            var all = $"took {NumberFormat.Count(_results.Student.StepsInAll!.Value)} steps in all.";
            return note + (TrainsEachLikeControl
                ? "The two of a pair share data and number of steps of a training; the control shares initial weights, "
                    + $"order and augmentation with {stages[0].Part}, and the {stages.Count} networks of the student "
                    + all
                : "The two of a pair share data and seed; the control took "
                    + $"{NumberFormat.Count(_run.Controls[0].StepsInAll)} steps, and the student {all}");
        }
        if (_results.Teacher is null || SameExamples)
            return note + "The two of a pair share initial weights, order, augmentation and number of steps; the "
                + $"student also has the {(_results.Teacher is null ? "method" : "teacher")}.";

        var examples = _results.Data.Examples;
        return note + "The two of a pair share initial weights and number of steps. The control is trained on the "
            + $"{NumberFormat.Count(examples.Labelled)} labelled examples alone, again and again; the student on all "
            + $"{NumberFormat.Count(examples.Training)}, with the teacher's outputs for them.";
    }

    IEnumerable<Block> Reading()
    {
        var cause = _results.Teacher is null ? "method" : "teacher";
        if (_results.Control is not null) yield return new TextBlock(TextStyle.Body,
            "The ", new("control", Strong: true),
            $" is the student's network {Difference()}: what the student has over it is due to the {cause}. The "
            + "verdict is ", new("helped", Strong: true), " or ", new("hurt", Strong: true),
            " when the 95 % Student-t interval of the pairs' differences does not contain 0, else ",
            new("undecided", Strong: true), ": this many seeds cannot tell.");
        List<TextPart> scores = [];
        foreach (var score in _results.Task.Scores.Where(score => score.Meaning.Length > 0))
            scores.AddRange(new(ScoreFormat.Capital(score.Title), Strong: true),
                $" ({(score.HigherIsBetter ? "higher" : "lower")} is better): {score.Meaning}. ");
        if (scores.Count > 0) yield return new TextBlock(TextStyle.Body, scores);
        yield return new TextBlock(
            $"The test set is used for nothing but these figures, which are with the {_tables.Weights}.");
    }

    // how the control differs from the student
    string Difference()
    {
        if (_results.Control is { Method: null }) return "with its initial weights";

        if (_results.Stages is not null && !TrainsEachLikeControl)
            return "trained with the same data and seed by the control's method";

        const string trained = "trained for as many steps ";
        if (_results.Teacher is null) return trained + "with the labels alone" + (_results.Stages is null
            ? ", from the same initial weights and in the same order"
            : "; a procedure takes as many for each of its networks");
        return trained + "from the same initial weights and " + (SameExamples ? "in the same order, without the teacher"
            : "on the labelled examples, without the teacher and its outputs for the others");
    }
}
