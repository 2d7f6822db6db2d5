#!/usr/bin/env python3
"""Makes data/wordnet-nouns-12k from WordNet 3.0's data.noun (Debian: wordnet-base).

usage: wordnet_nouns_12k.py data.noun OUT
"""
import gzip
import os
import random
import sys

# the lexicographer files of nouns by number, from 3 on (lexnames(5WN))
NAMES = ("Tops act animal artifact attribute body cognition communication event feeling food group location motive "
         "object person phenomenon plant possession process quantity relation shape state substance time").split()
CLASSES = "act animal artifact attribute body communication food location person plant".split()
TRAINING, TEST = 1000, 200                              # of each class


def glosses(path):
    """The first definition of each noun by class: without examples and without repetitions."""
    found = {name: {} for name in NAMES}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(" "):                    # the licence
                continue
            name = NAMES[int(line.split()[1]) - 3]
            gloss = line.split("|", 1)[1].strip().split('; "')[0].strip()
            if len(gloss) >= 12 and "\t" not in gloss:
                found[name].setdefault(gloss)
    return found


def main(source, folder):
    found = glosses(source)
    elsewhere = {}
    for name, texts in found.items():
        for text in texts:
            elsewhere.setdefault(text, set()).add(name)
    draw = random.Random(1)
    training, test = [], []
    for name in CLASSES:
        texts = [text for text in found[name] if len(elsewhere[text]) == 1]
        chosen = draw.sample(texts, TRAINING + TEST)
        training += [(text, name) for text in chosen[:TRAINING]]
        test += [(text, name) for text in chosen[TRAINING:]]
    os.makedirs(folder, exist_ok=True)
    for name, rows in (("train", training), ("test", test)):
        draw.shuffle(rows)
        text = "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in rows)
        with open(os.path.join(folder, f"{name}.tsv.gz"), "wb") as file:
            file.write(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
