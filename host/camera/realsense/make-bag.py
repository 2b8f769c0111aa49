#!/usr/bin/env python3
"""Records a small RealSense recording without a camera: some frames of colour and depth.

    make-bag.py OUTPUT.bag FRAMES

What the test `tests/realsense.rs` expects stands in it once more; change both together.
"""

import array
import os
import sys
import time

import pyrealsense2 as rs

WIDTH, HEIGHT, PER_SECOND = 96, 64, 30
FX, FY, CX, CY = 70.0, 71.0, 47.5, 31.5
DEPTH_UNIT = 0.001
# Milliseconds, as a camera counts them from when it was switched on.
FIRST = 5000.0


def colour(frame: int) -> bytes:
    """Red grows to the right, green downwards, and blue tells the frame."""
    return bytes(value for y in range(HEIGHT) for x in range(WIDTH) for value in (x * 2, y * 3, (40 + frame * 60) % 256))


def depth(frame: int) -> bytes:
    """Millimetres: a slope, deeper with every frame, and no reading in the top left corner."""
    values = array.array("H", (1000 + 10 * x + y + 100 * frame for y in range(HEIGHT) for x in range(WIDTH)))
    values[0] = 0
    return values.tobytes()


def stream(kind: rs.stream, bytes_per_pixel: int, form: rs.format, identity: int) -> rs.video_stream:
    lens = rs.intrinsics()
    lens.width, lens.height = WIDTH, HEIGHT
    lens.fx, lens.fy, lens.ppx, lens.ppy = FX, FY, CX, CY
    lens.model, lens.coeffs = rs.distortion.none, [0.0] * 5
    video = rs.video_stream()
    video.type, video.index, video.uid = kind, 0, identity
    video.width, video.height, video.fps, video.bpp = WIDTH, HEIGHT, PER_SECOND, bytes_per_pixel
    video.fmt, video.intrinsics = form, lens
    return video


def record(path: str, frames: int) -> None:
    device = rs.software_device()
    device.register_info(rs.camera_info.name, "Software camera")
    device.register_info(rs.camera_info.serial_number, "000000000001")
    # One sensor with both streams: with two, the recorder loses the first frame.
    sensor = device.add_sensor("Both")
    profiles = [
        sensor.add_video_stream(stream(rs.stream.color, 3, rs.format.rgb8, 1)),
        sensor.add_video_stream(stream(rs.stream.depth, 2, rs.format.z16, 2)),
    ]
    sensor.add_read_only_option(rs.option.depth_units, DEPTH_UNIT)
    same = rs.extrinsics()
    same.rotation, same.translation = [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0]
    profiles[1].register_extrinsics_to(profiles[0], same)

    recorder = rs.recorder(path, device)
    recording = recorder.query_sensors()[0]
    opened = recording.get_stream_profiles()
    queue = rs.frame_queue(2 * frames, keep_frames=True)
    recording.open(opened)
    recording.start(queue)
    for frame in range(frames):
        pictures = [(colour(frame), 3), (depth(frame), 2)]
        for profile, (pixels, bytes_per_pixel) in zip(profiles, pictures):
            video = rs.software_video_frame()
            video.pixels = bytearray(pixels)
            video.stride, video.bpp = WIDTH * bytes_per_pixel, bytes_per_pixel
            video.timestamp = FIRST + frame * 1000.0 / PER_SECOND
            video.domain = rs.timestamp_domain.hardware_clock
            video.frame_number = frame + 1
            video.profile = profile.as_video_stream_profile()
            if bytes_per_pixel == 2:
                video.depth_units = DEPTH_UNIT
            sensor.on_video_frame(video)
            queue.wait_for_frame()
        # The recorder notes when it gets a frame.
        time.sleep(1 / PER_SECOND)
    recording.stop()
    recording.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    unfinished = sys.argv[1] + ".part"
    record(unfinished, int(sys.argv[2]))
    os.replace(unfinished, sys.argv[1])
