"""Opens a sealed segment with public packages only, lists its channels, and writes one picture as PNG.

The segment is opened in memory: nothing of it is written in the clear, but for the picture that you ask for.
"""

import argparse
import fractions
import io
import json
import pathlib
import sys

import av
import numpy
import tink
import zstandard
from mcap.reader import make_reader
from mcap_protobuf.decoder import DecoderFactory
from tink import secret_key_access, streaming_aead


def open_segment(folder):
    """The plain MCAP stream of an exported segment. Fails unless the file is whole, unchanged, and the one that it says it is."""
    streaming_aead.register()
    keyset = (folder / "keyset.json").read_text()
    handle = tink.json_proto_keyset_format.parse(keyset, secret_key_access.TOKEN)
    bound_to = bytes.fromhex((folder / "associated-data.txt").read_text().strip())
    primitive = handle.primitive(streaming_aead.StreamingAead)
    with (folder / "segment.sealed").open("rb") as sealed:
        with primitive.new_decrypting_stream(sealed, bound_to) as plain:
            return io.BytesIO(plain.read())


def decode_depth(data):
    """A depth picture (`sluis-depth-1`) as a numpy array of 16-bit counts; 0 means no reading.

    Width and height, then one zstd frame: the low bytes of all pixels, then the high bytes. Each pixel is the zigzag-coded difference from its left
    neighbour.
    """
    width, height = (int(v) for v in numpy.frombuffer(data[:8], "<u4"))
    planes = zstandard.ZstdDecompressor().decompressobj().decompress(data[8:])
    low, high = numpy.frombuffer(planes, numpy.uint8).reshape(2, height, width).astype(numpy.uint16)
    coded = low | (high << 8)
    difference = (coded >> 1) ^ (0 - (coded & 1)).astype(numpy.uint16)
    return numpy.cumsum(difference, axis=1, dtype=numpy.uint16)


def decode_picture(messages, number):
    """The picture with this number, counted from 0 in this segment. H.264 is decoded from the first picture on."""
    decoder = av.CodecContext.create("h264", "r")
    pictures = []
    for message in messages:
        pictures += decoder.decode(av.Packet(message.data))
        if len(pictures) > number:
            break
    else:
        pictures += decoder.decode(None)
    return pictures[number]


def write_png(picture, path):
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, "rgb24"
    encoder.time_base = fractions.Fraction(1, 1)
    picture = picture.reformat(format="rgb24")
    picture.pts, picture.time_base = 0, encoder.time_base
    packets = encoder.encode(picture) + encoder.encode(None)
    path.write_bytes(b"".join(bytes(p) for p in packets))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=pathlib.Path, help="what `sluis vault export` wrote")
    arguments.add_argument("--picture", type=pathlib.Path, help="write one picture to this PNG file")
    arguments.add_argument("--number", type=int, default=0, help="which picture, from 0 (default 0)")
    options = arguments.parse_args()

    reader = make_reader(open_segment(options.folder), decoder_factories=[DecoderFactory()])
    for record in reader.iter_metadata():
        print(record.name, json.dumps(record.metadata, sort_keys=True))
    summary = reader.get_summary()
    counts = summary.statistics.channel_message_counts
    for number, channel in sorted(summary.channels.items()):
        schema = summary.schemas[channel.schema_id].name
        print(f"{channel.topic}  {schema}  {counts.get(number, 0)} messages")

    topic = {channel.topic.rsplit("/", 1)[1]: channel.topic for channel in summary.channels.values()}
    if "masks" in topic:
        masks = [json.loads(message.data) for _, _, message in reader.iter_messages(topics=[topic["masks"]])]
        print("masks:", sum(len(m["masks"]) for m in masks), "on", len(masks), "frames")
    if "depth" in topic:
        _, _, _, first = next(reader.iter_decoded_messages(topics=[topic["depth"]]))
        depth = decode_depth(first.data)
        print(f"depth: {depth.shape[1]}x{depth.shape[0]}, {depth.min()} to {depth.max()} counts, sum {depth.sum()}")
    if options.picture:
        messages = (decoded for _, _, _, decoded in reader.iter_decoded_messages(topics=[topic["video"]]))
        picture = decode_picture(messages, options.number)
        write_png(picture, options.picture)
        print(f"picture {options.number}: {picture.width}x{picture.height}, in {options.picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
