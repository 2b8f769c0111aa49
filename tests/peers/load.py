"""What a machine can carry: runs the service on recordings and tells frames by fate, latency, memory, processor time and bytes.

    python3 -m venv .venv && .venv/bin/pip install -r tests/peers/requirements.txt
    cargo build --workspace --release --bin sluis
    .venv/bin/python tests/peers/load.py soak --footage DIR --program target/release/sluis --home target/release/sluis-home
    .venv/bin/python tests/peers/load.py scale …
    .venv/bin/python tests/peers/load.py people …

Clips of the footage are cut to 640x480 at 10 pictures a second, played forward and back so that no loop jumps, and each is a `file` camera that repeats.

- soak: `--cameras` (8) for `--minutes` (30). Every minute, and at the end.
- scale: 1, 2, 4 and 8 cameras for `--minutes` (2) each.
- people: one camera with nobody, one and four people in view, for `--minutes` (2) each; then `deface` on the same clip, on one thread, in the same run: processor seconds for a
  minute of one camera, and the ratio. Sluis records, encodes, seals and detects gestures besides; `deface` only blurs.

Latency is from capture until the recorder has the frame, from the service's own histogram: the upper bound of the bucket. Memory is resident memory of both processes.
Processor time is that of both processes, user and system. Let nothing else run on the machine. `--json FILE` writes everything. Exit codes: 0; 1 when the fates of a camera do not
add up or the service failed; 2 when something is missing.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # Read when numpy is imported.

try:
    import imageio_ffmpeg
except ImportError as missing:
    packages = Path(__file__).with_name("requirements.txt")
    print(f"error: {missing}; install the packages: pip install -r {packages}", file=sys.stderr)
    sys.exit(2)

# Of the footage: file, first second, seconds.
SHOP = [
    ("one-by-one", 0, 30),
    ("store-aisle-detection", 0, 4),
    ("classroom", 0, 3),
    ("lobby-cctv", 0, 20),
    ("bottle-shelf", 0, 30),
    ("shops-street-720p", 0, 10),
    ("face-demographics-walking", 0, 3),
    ("table/normal_004_f1", 0, 3),
]
PEOPLE = {0: ("one-by-one", 0, 5), 1: ("one-by-one", 9, 10), 4: ("classroom", 0, 3)}
RATE = 10
FATES = ["recorded", "quarantined", "blanked", "dropped"]


@dataclass
class Metrics:
    """A page of metrics."""

    lines: list[tuple[str, dict[str, str], float]]

    @classmethod
    def read(cls, address: str) -> "Metrics":
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=20) as page:
            text = page.read().decode()
        lines = []
        for line in text.splitlines():
            if match := re.match(r"^(\w+)(?:\{(.*)\})? (\S+)$", line):
                labels = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
                lines.append((match[1], labels, float(match[3])))
        return cls(lines)

    def sum(self, name: str, **labels: str) -> float:
        return sum(v for n, l, v in self.lines if n == name and labels.items() <= l.items())

    def quantile(self, name: str, share: float) -> float:
        """The upper bound of the bucket that the quantile lies in, over all cameras."""
        buckets: dict[float, float] = {}
        for n, labels, value in self.lines:
            if n == f"{name}_bucket":
                bound = float(labels["le"])
                buckets[bound] = buckets.get(bound, 0) + value
        total = max(buckets.values(), default=0)
        return next((b for b in sorted(buckets) if total and buckets[b] >= share * total), float("nan"))


def cut(footage: Path, clip: tuple[str, int, int], to: Path) -> Path:
    name, start, seconds = clip
    source = footage / "clips" / f"{name}.mp4"
    if not source.is_file():
        sys.exit(f"error: {source} is not there: name the folder of the footage with --footage")
    out = to / f"{name.replace('/', '-')}-{start}-{seconds}.mp4"
    if not out.exists():
        there_and_back = f"fps={RATE},scale=640:480,split[a][b];[b]reverse[r];[a][r]concat"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-ss", str(start), "-t", str(seconds)]
        command += ["-i", str(source), "-an", "-filter_complex", there_and_back]
        command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", str(out)]
        subprocess.run(command, check=True)
    return out


class Service:
    """`sluis run` on so many clips."""

    def __init__(self, program: Path, home: Path | None, clips: list[Path], folder: Path, more: str) -> None:
        self.address = ""
        text = '[shop]\nid = "load"\nname = "Load"\n[service]\nlisten = "127.0.0.1:0"\n'
        text += f'[vault]\ndir = "vault"\n{more}\n'
        if home:
            text += f'[plugins]\nhome = "{home}"\ngestures = "gesture-detector"\n'
        for number, clip in enumerate(clips, 1):
            text += f'[[camera]]\nid = "camera-{number}"\ndriver = "file"\npath = "{clip}"\nrepeat = true\n'
            text += '[[camera.zone]]\nid = "shelf"\nkind = "shelf"\n'
            text += "polygon = [[200, 150], [440, 150], [440, 330], [200, 330]]\n"
        (folder / "sluis.toml").write_text(text)
        self.log = folder / "log"
        with self.log.open("w") as log:
            command = [str(program), "run", "--config", str(folder / "sluis.toml")]
            self.process = subprocess.Popen(command, stderr=log, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 300
        while not self.events("camera-opened"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"error: the service did not begin: {self.log.read_text()}")
            time.sleep(0.2)
        self.address = re.search(r"http://([^/ ]+)/", json.dumps(self.events("serving")))[1]

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [event for event in map(json.loads, lines) if event.get("event") == name]

    def metrics(self) -> Metrics:
        return Metrics.read(self.address)

    def stop(self) -> list[str]:
        """Ends it, and gives the cameras whose fates do not add up."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        wrong = []
        for event in self.events("totals"):
            entered, *fates = map(int, re.findall(r"\d+", event["message"]))
            if entered != sum(fates):
                wrong.append(event["message"])
        return wrong if self.process.returncode == 0 else [*wrong, f"it ended with {self.process.returncode}"]


def row(metrics: Metrics, minutes: float, cameras: int, since: Metrics | None = None) -> dict[str, Any]:
    """Figures since `since`, or since the start."""

    def of(name: str, **labels: str) -> float:
        return metrics.sum(name, **labels) - (since.sum(name, **labels) if since else 0)

    entered, fates = of("sluis_frames_entered_total"), {f: of("sluis_frames_total", fate=f) for f in FATES}
    cpu = {p: of("sluis_cpu_seconds_total", process=p) for p in ("eye", "keep")}
    kept = sum(fates.values()) - fates["dropped"]
    stations = sorted({l["station"] for n, l, _ in metrics.lines if n == "sluis_station_seconds_count"} - {"camera"})
    spent = {s: of("sluis_station_seconds_sum", station=s) for s in stations}
    # Of the segments that are sealed.
    sealed = metrics.sum("sluis_sealed_bytes_total")
    return {
        "minutes": round(minutes, 2),
        "cameras": cameras,
        "entered": int(entered),
        **{fate: int(frames) for fate, frames in fates.items()},
        "kept_fps": round(kept / minutes / 60, 1),
        "latency_p50": metrics.quantile("sluis_latency_seconds", 0.5),
        "latency_p99": metrics.quantile("sluis_latency_seconds", 0.99),
        "eye_mib": round(metrics.sum("sluis_memory_bytes", process="eye") / 2**20),
        "keep_mib": round(metrics.sum("sluis_memory_bytes", process="keep") / 2**20),
        "components_mib": round(metrics.sum("sluis_component_memory_bytes") / 2**20),
        "cpu_seconds": round(sum(cpu.values()), 1),
        "cpu_per_camera_minute": round(sum(cpu.values()) / minutes / cameras, 1),
        "cpu_ms_per_kept_frame": round(1000 * sum(cpu.values()) / kept) if kept else None,
        "ms_per_kept_frame": {s: round(1000 * seconds / kept, 1) for s, seconds in spent.items()} if kept else None,
        "gib_per_camera_day": round(sealed / 2**30 / cameras / (minutes / 1440), 2),
    }


def tell(figures: dict[str, Any], heading: bool) -> None:
    figures = {name: value for name, value in figures.items() if not isinstance(value, dict)}
    if heading:
        print("  ".join(figures))
    print("  ".join(str(value).rjust(len(name)) for name, value in figures.items()), flush=True)


def run(options: argparse.Namespace, clips: list[Path], minutes: float, every: float) -> list[dict[str, Any]]:
    rows, begun = [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(options.program, options.home, clips, Path(folder), options.tables)
        opened = time.monotonic()
        try:
            # Components load and models are optimised in the first seconds.
            time.sleep(10)
            first, start = service.metrics(), time.monotonic()
            while (gone := (time.monotonic() - start) / 60) < minutes:
                time.sleep(max(0.0, min(every, minutes - gone) * 60))
                if service.process.poll() is not None:
                    sys.exit(f"error: the service ended: {service.log.read_text()[-2000:]}")
                rows.append(row(service.metrics(), (time.monotonic() - start) / 60, len(clips), first))
                tell(rows[-1], heading=len(rows) == 1)
        finally:
            wrong = service.stop()
        print(f"milliseconds of wall time for a kept frame, by station: {rows[-1]['ms_per_kept_frame']}")
        print(f"started in {opened - begun:.1f} s; fates add up: {not wrong}", flush=True)
        if wrong:
            sys.exit(f"error: {wrong}")
    return rows


def deface(clip: Path, seconds: float) -> float:
    """Processor seconds for a minute of this clip, by `deface` in the way that it works by default."""
    import cv2
    from deface.centerface import CenterFace
    from deface.deface import anonymize_frame

    cv2.setNumThreads(1)
    network, frames = CenterFace(in_shape=None, backend="auto"), []
    video = cv2.VideoCapture(str(clip))
    while (read := video.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    start, count = time.process_time(), 0
    while time.process_time() - start < seconds:
        frame = frames[count % len(frames)].copy()
        found, _ = network(frame, threshold=0.2)
        anonymize_frame(found, frame, mask_scale=1.3, replacewith="blur", ellipse=True, draw_scores=False, replaceimg=None, mosaicsize=20)
        count += 1
    return (time.process_time() - start) / count * RATE * 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["soak", "scale", "people"])
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--program", type=Path, required=True, help="the built `sluis`")
    parser.add_argument("--home", type=Path, help="installed components and models")
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--tables", default="", help="more of the configuration, such as `[deferred]`")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.program, options.home = options.program.resolve(), options.home and options.home.resolve()
    with tempfile.TemporaryDirectory() as folder:
        shop = [cut(options.footage, clip, Path(folder)) for clip in SHOP]
        if options.what == "soak":
            result: Any = run(options, shop[: options.cameras], options.minutes or 30, 1)
        elif options.what == "scale":
            result = [run(options, shop[:count], options.minutes or 2, 1000)[-1] for count in (1, 2, 4, 8)]
        else:
            result = []
            for people, clip in PEOPLE.items():
                path = cut(options.footage, clip, Path(folder))
                figures = run(options, [path], options.minutes or 2, 1000)[-1]
                peer = deface(path, 20)
                # What a minute of all its pictures would have taken, were some dropped.
                ours = (figures["cpu_ms_per_kept_frame"] or float("nan")) * RATE * 60 / 1000
                print(f"{people} in view: {ours:.1f} processor seconds for a minute, deface {peer:.1f}: {ours / peer:.2f} times", flush=True)
                result.append({"people": people, "sluis": ours, "deface": peer, **figures})
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
