"""Trains a small classifier on exported clips, and says how good it is beside guessing.

The clips come from `sluis dataset export --formats webdataset`. Each is described by a few numbers: how much moves, where, and when; no picture is kept. The classifier is a
logistic regression. It is scored on clips of segments that it has not seen, and held against always naming the commonest label.
"""

import argparse
import datetime
import io
import json
import math
import pathlib
import sys
import tarfile

import av
import numpy
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, confusion_matrix
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

WIDTH, HEIGHT = 64, 48  # clips are looked at in this size
TIMES, GRID = 6, 4  # motion is summed up in so many stretches of time, and so many rows and columns


def clips(folder):
    """Every clip of the shards: its label's JSON and its video, one after another."""
    for shard in sorted((folder / "shards").glob("shard-*.tar")):
        with tarfile.open(shard) as tar:
            parts = {}
            for member in tar:
                key, _, end = member.name.rpartition(".")
                parts.setdefault(key, {})[end] = tar.extractfile(member).read()
                if {"json", "mp4"} <= parts[key].keys():
                    clip = parts.pop(key)
                    yield json.loads(clip["json"]), clip["mp4"]


def pictures(video):
    """The pictures of a clip: grey, small, 0 to 1."""
    with av.open(io.BytesIO(video)) as container:
        frames = [f.reformat(WIDTH, HEIGHT, "gray").to_ndarray() for f in container.decode(video=0)]
    return numpy.asarray(frames, numpy.float32) / 255


def features(video):
    """What moves when and where, and what is different afterwards."""
    frames = pictures(video)
    motion = numpy.abs(numpy.diff(frames, axis=0)) if len(frames) > 1 else numpy.zeros((1, HEIGHT, WIDTH))
    over_time = [part.mean() if len(part) else 0.0 for part in numpy.array_split(motion.mean(axis=(1, 2)), TIMES)]
    cells = motion.mean(axis=0).reshape(GRID, HEIGHT // GRID, GRID, WIDTH // GRID).mean(axis=(1, 3))
    few = max(1, len(frames) // 5)
    changed = frames[-few:].mean(axis=0) - frames[:few].mean(axis=0)
    change = changed.reshape(GRID, HEIGHT // GRID, GRID, WIDTH // GRID).mean(axis=(1, 3))
    return numpy.concatenate([over_time, cells.ravel(), change.ravel(), [motion.max(), numpy.abs(changed).mean()]])


def interval(right, of):
    """Wilson's 95 % interval of a share."""
    z, p = 1.96, right / of
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def still_allowed(folder):
    """Whether nothing in the folder is past its deadline."""
    export = json.loads((folder / "export.json").read_text())
    by = export["delete_by"]
    return by is not None and datetime.datetime.now(datetime.UTC) < datetime.datetime.fromisoformat(by)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=pathlib.Path, help="what `sluis dataset export` wrote")
    arguments.add_argument("--labels", help="only these, separated by commas (default: all that there are)")
    arguments.add_argument("--json", action="store_true", help="print one JSON object")
    options = arguments.parse_args()

    if not still_allowed(options.folder):
        sys.exit("Something in this folder is past its deadline: run `sluis dataset purge --out FOLDER` first.")
    wanted = set(options.labels.split(",")) if options.labels else None
    found = [(label, video) for label, video in clips(options.folder) if wanted is None or label["label"] in wanted]
    labels = numpy.array([label["label"] for label, _ in found])
    segments = numpy.array([label["segment"] for label, _ in found])
    names, counts = numpy.unique(labels, return_counts=True)
    in_segments = [len(set(segments[labels == name])) for name in names]
    folds = min([5, *in_segments])
    if len(names) < 2 or folds < 2:
        there = ", ".join(f"{n} {name} in {s} segments" for name, n, s in zip(names, counts, in_segments)) or "nothing"
        sys.exit(f"To learn and to be tested, two labels are needed, each in two segments at least. There is: {there}.")

    described = numpy.array([features(video) for _, video in found])
    split = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000, class_weight="balanced"))
    said = cross_val_predict(model, described, labels, groups=segments, cv=split)
    guessed = cross_val_predict(DummyClassifier(strategy="most_frequent"), described, labels, groups=segments, cv=split)
    right, guessed_right = int((said == labels).sum()), int((guessed == labels).sum())
    low, high = interval(right, len(labels))
    score = {
        "clips": len(labels),
        "segments": len(set(segments)),
        "labels": dict(zip(names.tolist(), counts.tolist())),
        "folds": folds,
        "accuracy": right / len(labels),
        "accuracy_95": [low, high],
        "balanced_accuracy": balanced_accuracy_score(labels, said),
        "baseline_accuracy": guessed_right / len(labels),
        "better_than_baseline": low > guessed_right / len(labels),
        "confusion": confusion_matrix(labels, said, labels=names).tolist(),
    }
    if options.json:
        print(json.dumps(score))
        return
    print(f"{score['clips']} clips of {score['segments']} segments:", ", ".join(f"{n} {name}" for name, n in score["labels"].items()))
    print(f"right: {right} of {len(labels)}, {right / len(labels):.0%} (95 %: {low:.0%} to {high:.0%}), in {folds} folds by segment")
    print(f"balanced over the labels: {score['balanced_accuracy']:.0%}; by chance {1 / len(names):.0%}")
    print(f"always naming the commonest label: {guessed_right / len(labels):.0%}")
    for name, row in zip(names, score["confusion"]):
        print(f"  {name:>10} was called", ", ".join(f"{other} {n}" for other, n in zip(names, row)))
    verdict = "better than guessing" if score["better_than_baseline"] else "not shown to be better than guessing"
    print(f"So it is {verdict}." + (" With so few clips that can change with the next ones." if len(labels) < 100 else ""))


if __name__ == "__main__":
    main()
