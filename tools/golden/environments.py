"""Writes tests/Golden/Environments/trajectories.json: the first 25 steps of two episodes of each classic environment.

They are cut from trajectories.json.gz, which Gymnasium 0.29.1 made: the state is set, then the actions follow one
another. Usage: environments.py TRAJECTORIES.json.gz > tests/Golden/Environments/trajectories.json
"""

import gzip
import json
import sys

STEPS = 25
EPISODES = 2
NAMES = ("Pendulum-v1", "MountainCarContinuous-v0", "CartPole-v1")


def cut(episode):
    count = min(len(episode["actions"]), STEPS)
    sizes = {"state": len(episode["state"]), "obs": count + 1}  # the first observation is before the first step
    return {key: value[: sizes.get(key, count)] for key, value in episode.items()}


with gzip.open(sys.argv[1]) as file:
    recorded = json.load(file)
found = {
    name: {
        "max_steps": recorded["envs"][name]["max_steps"],
        "episodes": [cut(episode) for episode in recorded["envs"][name]["episodes"][:EPISODES]],
    }
    for name in NAMES
}
json.dump({"made_with": recorded["made_with"], "envs": found}, sys.stdout)
