"""Reads an exported folder with the tools of its forms, and says what there is."""

import collections
import contextlib
import io
import json
import pathlib
import sys

import av
import webdataset
from pycocotools.coco import COCO


def counted(labels):
    return ", ".join(f"{n} {label}" for label, n in sorted(collections.Counter(labels).items()))


folder = pathlib.Path(sys.argv[1])

shards = sorted(str(path) for path in (folder / "shards").glob("*.tar"))
labels = []
for sample in webdataset.WebDataset(shards, shardshuffle=False):
    label = json.loads(sample["json"])
    assert sample["__key__"] == label["key"], sample["__key__"]
    with av.open(io.BytesIO(sample["mp4"])) as clip:
        frames = sum(1 for _ in clip.decode(video=0))
    assert frames == label["frames"], (frames, label)
    labels.append(label["label"])
print("webdataset:", counted(labels))

with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO(folder / "coco.json")
    ids = coco.getAnnIds(catIds=coco.getCatIds(catNms=["mask"]))
    boxes = coco.loadAnns(ids)
for box in boxes:
    image = coco.loadImgs(box["image_id"])[0]
    x, y, width, height = box["bbox"]
    assert 0 <= x < x + width <= image["width"] and 0 <= y < y + height <= image["height"], box
    assert (folder / image["file_name"]).is_file(), image
print(f"coco: {len(coco.getImgIds())} pictures, {len(boxes)} boxes of mask")

# As ActivityNet's own evaluation reads it.
ground_truth = json.loads((folder / "activitynet.json").read_text())
assert {"version", "taxonomy", "database"} <= ground_truth.keys()
names = {node["nodeName"] for node in ground_truth["taxonomy"]}
told = []
for video in ground_truth["database"].values():
    assert video["subset"] in ("training", "validation", "testing")
    for annotation in video["annotations"]:
        begin, end = annotation["segment"]
        assert 0 <= begin <= end <= video["duration"] and annotation["label"] in names, annotation
        told.append(annotation["label"])
print(f"activitynet: {len(ground_truth['database'])} videos,", counted(told))
