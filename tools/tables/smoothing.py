"""Tables of docs/methods/{beta,sdls}.md from recipes/*.results.json: python3 tools/tables/smoothing.py [FOLDER]"""
import json
import pathlib
import statistics
import sys

T975 = {19: 2.093, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 11: 2.201}   # by degrees of freedom

def figure(spread, scale, digits):
    return f"{scale * spread['mean']:.{digits}f} ± {scale * (spread['sd'] or 0):.{digits}f}".replace("-", "−")


def row(name, one):
    sure = one["trainingConfidence"]
    print(f"| {name} | {figure(one['accuracy'], 100, 2)} | {figure(one['nll'], 1, 3)} | {figure(one['ece'], 100, 1)} | {figure(sure['uncertainty'], 1, 3)} | "
          f"{figure(sure['diversity'], 1, 2)} | {figure(sure['variance'], 1000, 2)} | {figure(sure['histogram'], 1, 2)} |")


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
    found = {path.name[: -len(".results.json")]: flat(json.loads(path.read_text())) for path in sorted(folder.rglob("*.results.json"))
             if not path.name.startswith("fidelity-")}
    for data in ("digits", "noisy-digits", "cifar10"):
        own = {name[len(data) + 1:]: results for name, results in found.items() if name.startswith(data + "-") and "trainingConfidence" in results["student"]}
        if not own:
            continue
        print(f"\n{data}\n\n| method | accuracy, % | NLL | ECE, % | uncertainty | diversity | variance · 10³ | histogram |\n|---|---:|---:|---:|---:|---:|---:|---:|")
        row("labels alone", next(iter(own.values()))["control"])
        for name, results in own.items():
            if "stages" not in results:
                row(f"`{data}-{name}`", results["student"])
        for name, results in own.items():
            for stage in results.get("stages", []):
                at = f", T {stage['temperature']['mean']:.2f}" if "temperature" in stage else ""
                row(f"`{data}-{name}`, {stage['part']}{at}", stage)
        if "beta" in own:
            print("\n| ranked Beta less … | accuracy, points | NLL | ECE, points | variance · 10³ |\n|---|---:|---:|---:|---:|")
            ranked = own["beta"]["student"]
            for name in ("label-smoothing", "beta-random", "beta-reversed"):
                if name in own:
                    other = own[name]["student"]
                    print(f"| `{data}-{name}` | {interval(ranked['accuracy'], other['accuracy'], 100, 2)} | {interval(ranked['nll'], other['nll'], 1, 3)} | "
                          f"{interval(ranked['ece'], other['ece'], 100, 1)} | {interval(ranked['trainingConfidence']['variance'], other['trainingConfidence']['variance'], 1000, 1)} |")
        print("\n| after one temperature fitted on validation | T | NLL | ECE, % |\n|---|---:|---:|---:|")
        for name, one in [("labels alone", next(iter(own.values()))["control"]), *((f"`{data}-{name}`", results["student"]) for name, results in own.items())]:
            print(f"| {name} | {figure(one['scaled']['temperature'], 1, 2)} | {figure(one['scaled']['nll'], 1, 3)} | {figure(one['scaled']['ece'], 100, 1)} |")
        if "beta" in own and "label-smoothing" in own:
            one, other = own["beta"]["student"]["scaled"], own["label-smoothing"]["student"]["scaled"]
            print(f"{data}-beta less {data}-label-smoothing, scaled: NLL {interval(one['nll'], other['nll'], 1, 3)}, ECE {interval(one['ece'], other['ece'], 100, 1)}")
        for name, results in own.items():
            stages = results.get("stages", [])
            for before, after in zip(stages, stages[1:]):
                print(f"{data}-{name}: {after['part']} less {before['part']}: uncertainty {interval(after['trainingConfidence']['uncertainty'], before['trainingConfidence']['uncertainty'], 1, 4)}, "
                      f"diversity {interval(after['trainingConfidence']['diversity'], before['trainingConfidence']['diversity'], 1, 3)}, variance {interval(after['trainingConfidence']['variance'], before['trainingConfidence']['variance'], 1, 6)}, "
                      f"histogram {interval(after['trainingConfidence']['histogram'], before['trainingConfidence']['histogram'], 1, 4)}, NLL {interval(after['nll'], before['nll'], 1, 4)}")


if __name__ == "__main__":
    main()
