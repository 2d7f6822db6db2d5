"""Tables of docs/methods/{beta,sdls}.md from recipes/*.results.json: python3 tools/tables/smoothing.py [FOLDER]"""
import json
import pathlib
import statistics
import sys

# Student's t at 0.975, by degrees of freedom
T975 = {2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 11: 2.201, 19: 2.093}


def figure(spread, scale, digits):
    return f"{scale * spread['mean']:.{digits}f} ± {scale * (spread['sd'] or 0):.{digits}f}".replace("-", "−")


def line(*cells):
    print("| " + " | ".join(cells) + " |")


def head(*titles):
    print()
    line(*titles)
    print("|---" + "|---:" * (len(titles) - 1) + "|")


def row(name, one):
    sure = one["trainingConfidence"]
    line(
        name,
        figure(one['accuracy'], 100, 2),
        figure(one['nll'], 1, 3),
        figure(one['ece'], 100, 1),
        figure(sure['uncertainty'], 1, 3),
        figure(sure['diversity'], 1, 2),
        figure(sure['variance'], 1000, 2),
        figure(sure['histogram'], 1, 2),
    )


def interval(a, b, scale, digits):
    d = [scale * (x - y) for x, y in zip(a["values"], b["values"])]
    half = T975[len(d) - 1] * statistics.stdev(d) / len(d) ** 0.5
    mean = statistics.fmean(d)
    return f"{mean:+.{digits}f} ({mean - half:+.{digits}f} to {mean + half:+.{digits}f})".replace("-", "−")


def flat(results):
    """Scores and details of control, student and stages side by side."""
    details = results.get("details", {})
    for who in ("control", "student"):
        if who in results:
            results[who] = {**results[who]["scores"], **details[who]}
    for stage, own in zip(results.get("stages", []), details.get("stages", [])):
        stage.update({**stage["scores"], **own})
    return results


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "recipes")
    found = {
        path.name[: -len(".results.json")]: flat(json.loads(path.read_text()))
        for path in sorted(folder.rglob("*.results.json"))
        if not path.name.startswith("fidelity-")
    }
    for data in ("digits", "noisy-digits", "cifar10"):
        own = {
            name[len(data) + 1 :]: results
            for name, results in found.items()
            if name.startswith(data + "-") and "trainingConfidence" in results["student"]
        }
        if not own:
            continue
        print(f"\n{data}")
        head("method", "accuracy, %", "NLL", "ECE, %", "uncertainty", "diversity", "variance · 10³", "histogram")
        row("labels alone", next(iter(own.values()))["control"])
        for name, results in own.items():
            if "stages" not in results:
                row(f"`{data}-{name}`", results["student"])
        for name, results in own.items():
            for stage in results.get("stages", []):
                at = f", T {stage['temperature']['mean']:.2f}" if "temperature" in stage else ""
                row(f"`{data}-{name}`, {stage['part']}{at}", stage)
        if "beta" in own:
            head("ranked Beta less …", "accuracy, points", "NLL", "ECE, points", "variance · 10³")
            ranked = own["beta"]["student"]
            for name in ("label-smoothing", "beta-random", "beta-reversed"):
                if name in own:
                    other = own[name]["student"]
                    sure, less = ranked['trainingConfidence'], other['trainingConfidence']
                    line(
                        f"`{data}-{name}`",
                        interval(ranked['accuracy'], other['accuracy'], 100, 2),
                        interval(ranked['nll'], other['nll'], 1, 3),
                        interval(ranked['ece'], other['ece'], 100, 1),
                        interval(sure['variance'], less['variance'], 1000, 1),
                    )
        head("after one temperature fitted on validation", "T", "NLL", "ECE, %")
        for name, one in [
            ("labels alone", next(iter(own.values()))["control"]),
            *((f"`{data}-{name}`", results["student"]) for name, results in own.items()),
        ]:
            scaled = one['scaled']
            temperature = figure(scaled['temperature'], 1, 2)
            line(name, temperature, figure(scaled['nll'], 1, 3), figure(scaled['ece'], 100, 1))
        if "beta" in own and "label-smoothing" in own:
            one, other = own["beta"]["student"]["scaled"], own["label-smoothing"]["student"]["scaled"]
            nll, ece = interval(one['nll'], other['nll'], 1, 3), interval(one['ece'], other['ece'], 100, 1)
            print(f"{data}-beta less {data}-label-smoothing, scaled: NLL {nll}, ECE {ece}")
        for name, results in own.items():
            stages = results.get("stages", [])
            for before, after in zip(stages, stages[1:]):
                one, other = after['trainingConfidence'], before['trainingConfidence']
                changes = [
                    f"{title} {interval(one[title], other[title], 1, digits)}"
                    for title, digits in (("uncertainty", 4), ("diversity", 3), ("variance", 6), ("histogram", 4))
                ]
                nll = interval(after['nll'], before['nll'], 1, 4)
                print(f"{data}-{name}: {after['part']} less {before['part']}: {', '.join(changes)}, NLL {nll}")


if __name__ == "__main__":
    main()
