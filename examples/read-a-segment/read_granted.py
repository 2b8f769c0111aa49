"""Reads the segments that a shop has granted, with public packages only: asks for their keys, opens them in memory, and decodes what is in them.

    import read_granted as granted

    store = granted.FolderStore("granted")             # or granted.BucketStore(bucket, endpoint=..., prefix=...)
    secret = granted.Secret.load("partner.secret")
    shop = granted.ShopKey.load("shop.json")
    for message in granted.GrantedSegments(store, grant_id, secret, shop, who="training job 17"):
        if message.kind == "video":
            train(message.picture, message.time_ns)     # a numpy array, height x width x RGB

Nothing is written in the clear. Every opening is asked for, and the shop logs it under your name. From its deadline on a segment is refused, in the middle of reading too;
delete then what you made of it, as your contract says.
"""

import argparse
import base64
import collections
import dataclasses
import fractions
import hashlib
import json
import os
import pathlib
import re
import secrets
import sys
import time

import av
import tink
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from mcap.exceptions import McapError
from mcap.records import Channel, Message, Metadata, Schema
from mcap.stream_reader import StreamReader
from mcap_protobuf.decoder import DecoderFactory
from tink import hybrid, secret_key_access, streaming_aead
from tink.proto import hpke_pb2, tink_pb2

from read_segment import decode_depth

ID = re.compile(r"[0-9a-f]{32}")
OBJECT = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
# What a shop takes as a name in its log: no control characters, no breaks of lines, nothing that turns the direction of text.
WHO = re.compile(r"(?!\s*$)[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,100}")
TYPES = {kind: f"application/vnd.sluis.{kind}+json" for kind in ("grant", "ask", "key")}
# The most bytes of each document: nothing longer is parsed.
MOST = {"grant": 32 << 20, "ask": 1 << 20, "key": 64 << 10}
MOST_SEGMENTS = 10_000


class Refused(Exception):
    """Something is not what it should be, is over, or did not come. The message says what to do."""


# === Stores ===


class FolderStore:
    """The shop's objects as files in a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def get(self, name, most):
        """The bytes of a small object, at most one more than `most`; None when it is not there."""
        try:
            with (self.folder / name).open("rb") as file:
                return file.read(most + 1)
        except FileNotFoundError:
            return None

    def open(self, name):
        """A large object, to be read from its beginning."""
        try:
            return (self.folder / name).open("rb")
        except FileNotFoundError:
            raise Refused(f"{name} is not in {self.folder}: the shop has destroyed it, or you look in the wrong place") from None

    def put(self, name, data):
        """Adds a small object, whole or not at all."""
        fresh = self.folder / f".{name}.new"
        fresh.write_bytes(data)
        fresh.rename(self.folder / name)


class BucketStore:
    """The shop's objects in a bucket of S3 or what speaks like it. Needs `pip install boto3`; credentials come from where boto3 looks for them."""

    def __init__(self, bucket, endpoint=None, prefix=""):
        import boto3
        from botocore.exceptions import ClientError

        self.bucket, self.prefix, self._failed = bucket, prefix, ClientError
        self._client = boto3.client("s3", endpoint_url=endpoint)

    def _object(self, name):
        try:
            return self._client.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"]
        except self._failed as failed:
            if failed.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
                return None
            raise

    def get(self, name, most):
        body = self._object(name)
        if body is None:
            return None
        with body:
            return body.read(most + 1)

    def open(self, name):
        body = self._object(name)
        if body is None:
            raise Refused(f"{name} is not in the bucket {self.bucket}: the shop has destroyed it, or you look in the wrong place")
        return body

    def put(self, name, data):
        self._client.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=data)


# === Keys ===


class ShopKey:
    """What a shop's documents are held against."""

    def __init__(self, signing):
        self.fingerprint = hashlib.sha256(signing).hexdigest()
        self._key = Ed25519PublicKey.from_public_bytes(signing)

    @classmethod
    def load(cls, path):
        """Reads the document that the shop gave you. Compare its fingerprint with the shop by telephone."""
        return cls(_key_document(path, "sluis-shop-key", ("signing",))["signing"])

    def verify(self, signature, message):
        self._key.verify(signature, message)


class Secret:
    """Your keys: one that keys of segments are sealed to, and one that requests are signed with."""

    def __init__(self, hpke, signing):
        self._signing = Ed25519PrivateKey.from_private_bytes(signing)
        self.public_signing = _raw_public(self._signing)
        self.public_hpke = _raw_public(X25519PrivateKey.from_private_bytes(hpke))
        self.fingerprint = hashlib.sha256(self.public_hpke + self.public_signing).hexdigest()
        self._hybrid = _hpke(hpke, self.public_hpke)

    @classmethod
    def generate(cls, path):
        """Makes new keys and writes them to a file that only you may read. An existing file is never written over."""
        hpke, signing = secrets.token_bytes(32), secrets.token_bytes(32)
        text = json.dumps({"type": "sluis-partner-secret", "version": 1, "hpke": _base64(hpke), "signing": _base64(signing)})
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Refused(f"{path} is there already: keys are never written over") from None
        with os.fdopen(file, "w") as out:
            out.write(text)
        return cls(hpke, signing)

    @classmethod
    def load(cls, path):
        if os.stat(path).st_mode & 0o077:
            raise Refused(f"others may read {path}: run `chmod 600` on it, or make new keys if somebody has")
        keys = _key_document(path, "sluis-partner-secret", ("hpke", "signing"))
        return cls(keys["hpke"], keys["signing"])

    def public_document(self):
        """What the shop gets."""
        keys = {"hpke": _base64(self.public_hpke), "signing": _base64(self.public_signing)}
        return json.dumps({"type": "sluis-partner-key", "version": 1, **keys}, separators=(",", ":"))

    def sign(self, message):
        return self._signing.sign(message)

    def open(self, sealed, info):
        return self._hybrid.decrypt(sealed, info)


def short(fingerprint):
    """The first 80 bits of a fingerprint, to be read out on the telephone."""
    return "-".join(fingerprint[at : at + 4] for at in range(0, 20, 4))


def _key_document(path, kind, names):
    try:
        document = json.loads(pathlib.Path(path).read_bytes())
        if document["type"] != kind or document["version"] != 1 or set(document) != {"type", "version", *names}:
            raise ValueError
        keys = {name: _unbase64(document[name]) for name in names}
        if any(len(key) != 32 for key in keys.values()):
            raise ValueError
        return keys
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(f"{path} is not a `{kind}` of version 1") from None


def _raw_public(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _hpke(secret, public):
    """Tink's way to open what was sealed to an X25519 key with HPKE."""
    hybrid.register()
    params = hpke_pb2.HpkeParams(kem=hpke_pb2.DHKEM_X25519_HKDF_SHA256, kdf=hpke_pb2.HKDF_SHA256, aead=hpke_pb2.AES_256_GCM)
    key = hpke_pb2.HpkePrivateKey(public_key=hpke_pb2.HpkePublicKey(params=params, public_key=public), private_key=secret)
    data = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.HpkePrivateKey",
        value=key.SerializeToString(),
        key_material_type=tink_pb2.KeyData.ASYMMETRIC_PRIVATE,
    )
    keyset = tink_pb2.Keyset(primary_key_id=1)
    keyset.key.add(key_data=data, status=tink_pb2.ENABLED, key_id=1, output_prefix_type=tink_pb2.RAW)
    handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(hybrid.HybridDecrypt)


# === Documents ===


@dataclasses.dataclass(frozen=True)
class Segment:
    """One segment of a grant. Times are nanoseconds since 1970, UTC."""

    segment: str
    camera: str
    started_ns: int
    deadline_ns: int
    bytes: int
    object: str
    associated_data: bytes


@dataclasses.dataclass(frozen=True)
class Grant:
    """What the shop allows you."""

    grant: str
    shop: str
    partner: str
    partner_key: str
    country: str
    ground: object
    contract: str
    purpose: str
    issued_ns: int
    expires_ns: int
    segments: tuple


def read_grant(data, shop_key, secret, now_ns):
    """Reads a grant and holds it against the shop's key, your key and the clock."""
    document = _verify("grant", data, shop_key)
    text, number = str, int
    fields = {"grant": ID, "shop": text, "partner": text, "partner-key": FINGERPRINT, "country": text, "ground": (str, dict), "contract": text}
    fields |= {"purpose": text, "issued-ns": number, "expires-ns": number, "segments": list}
    _check("grant", document, fields)
    of_segment = {"segment": ID, "camera": text, "started-ns": number, "deadline-ns": number, "bytes": number, "object": OBJECT}
    of_segment |= {"associated-data": re.compile(r"([0-9a-f]{2}){1,512}")}
    segments = []
    for entry in document["segments"]:
        _check("grant", entry, of_segment)
        entry = entry | {"associated-data": bytes.fromhex(entry["associated-data"])}
        segments.append(Segment(**{name.replace("-", "_"): value for name, value in entry.items()}))
    document |= {"segments": tuple(segments)}
    grant = Grant(**{name.replace("-", "_"): value for name, value in document.items() if name != "version"})
    if not 1 <= len(segments) <= MOST_SEGMENTS or len({s.segment for s in segments}) != len(segments):
        raise Refused("the grant names no segment, too many, or one of them twice")
    if not grant.issued_ns < grant.expires_ns <= max(s.deadline_ns for s in segments):
        raise Refused("the grant expires before it is issued, or after the latest deadline of its segments")
    if grant.partner_key != secret.fingerprint:
        raise Refused(f"the grant is for the partner with the key {short(grant.partner_key)}, and yours is {short(secret.fingerprint)}")
    if now_ns >= grant.expires_ns:
        raise Refused(f"the grant expired at {_utc(grant.expires_ns)}: its footage must not be read any more, and copies must be deleted")
    return grant


def open_release(data, shop_key, secret, grant, segment, now_ns):
    """The Tink keyset in a release, as text, and when it expires."""
    document = _verify("key", data, shop_key)
    _check("key", document, {"grant": ID, "segment": ID, "issued-ns": int, "expires-ns": int, "sealed-key": str})
    if (document["grant"], document["segment"]) != (grant.grant, segment.segment):
        raise Refused(f"the key is of the segment {document['segment']} of the grant {document['grant']}, not of {segment.segment} of {grant.grant}")
    expires = document["expires-ns"]
    if expires > min(grant.expires_ns, segment.deadline_ns):
        raise Refused("the key expires after its grant or its segment")
    if now_ns >= expires:
        raise Refused(f"the key of the segment {segment.segment} expired at {_utc(expires)}")
    bound = b"sluis-release-v1\0" + bytes.fromhex(grant.grant) + bytes.fromhex(segment.segment) + expires.to_bytes(8, "big")
    try:
        return secret.open(_unbase64(document["sealed-key"]), bound).decode(), expires
    except (tink.TinkError, ValueError):
        raise Refused(f"the key of the segment {segment.segment} does not open: it was sealed to another partner, or changed") from None


def _sign(kind, document, secret):
    """A document in its envelope: DSSE, version 1, with Ed25519."""
    payload = json.dumps(document, separators=(",", ":")).encode()
    signature = {"keyid": hashlib.sha256(secret.public_signing).hexdigest(), "sig": _base64(secret.sign(_encode(kind, payload)))}
    return json.dumps({"payloadType": TYPES[kind], "payload": _base64(payload), "signatures": [signature]}, separators=(",", ":")).encode()


def _verify(kind, data, key):
    """The document in an envelope, when type, signer, signature and version are right."""
    what = {"grant": "grant", "key": "release of a key"}[kind]
    if len(data) > MOST[kind]:
        raise Refused(f"the {what} is longer than any: it was not read")
    try:
        envelope = _json(data)
        found, payload = envelope["payloadType"], _unbase64(envelope["payload"])
        [signature] = envelope["signatures"]
        keyid, signature = signature["keyid"], _unbase64(signature["sig"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(f"the {what} is not in a signed envelope") from None
    if found != TYPES[kind]:
        raise Refused(f"this was signed as {str(found)[:120]!r} and not as a {what}")
    if keyid != key.fingerprint:
        raise Refused(f"the {what} is signed with another key than the shop's, {short(key.fingerprint)}: compare fingerprints with the shop")
    try:
        key.verify(signature, _encode(kind, payload))
    except InvalidSignature:
        raise Refused(f"the signature of the {what} does not fit: it was changed, or signed with another key than {short(key.fingerprint)}") from None
    try:
        document = _json(payload)
        version = document["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(f"the {what} is no document with a version") from None
    if type(version) is not int or version != 1:
        raise Refused(f"the {what} has another version than 1: get a newer reader")
    return document


def _encode(kind, payload):
    return f"DSSEv1 {len(TYPES[kind])} {TYPES[kind]} {len(payload)} ".encode() + payload


def _json(data):
    def once(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a field stands twice")
        return dict(pairs)

    return json.loads(data, object_pairs_hook=once)


def _check(what, document, fields):
    """Whether a document has these fields and no others, each of its type or pattern. Integers are moments and lengths: not negative."""
    if not isinstance(document, dict) or set(document) - {"version"} != set(fields):
        raise Refused(f"the {what} has other fields than it should")
    for name, wanted in fields.items():
        value = document[name]
        if isinstance(wanted, re.Pattern):
            good = isinstance(value, str) and wanted.fullmatch(value)
        elif wanted is int:
            good = type(value) is int and 0 <= value < 1 << 63
        else:
            good = isinstance(value, wanted)
        if not good:
            raise Refused(f"`{name}` of the {what} is not what it should be")


def _base64(data):
    return base64.b64encode(data).decode()


def _unbase64(text):
    data = base64.b64decode(text, validate=True)
    if _base64(data) != text:
        raise ValueError("another spelling of the same bytes")
    return data


def _utc(nanos):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(nanos // 1_000_000_000))


# === Reading ===


@dataclasses.dataclass(frozen=True)
class Decoded:
    """One message of a segment."""

    segment: Segment
    topic: str
    # The last word of the topic: video, depth, masks, verdicts, events, visits, calibration.
    kind: str
    # Of capture, since 1970.
    time_ns: int
    # A dictionary, where the recording holds JSON; else the protobuf message.
    message: object
    # video: height x width x RGB, 8 bits. depth: height x width counts, 16 bits; 0 means no reading.
    picture: object = None


class GrantedSegments:
    """Iterates over what is in the segments of a grant, in the order in which they were recorded.

    `segments` chooses some of them by name. `batch` is for how many at a time a key is asked for: ask for no more than you will open, for each is logged as opened. `wait_s` is
    how long to wait for the shop to answer. A segment past its deadline is passed over and added to `passed`; one that was chosen by name is refused.
    """

    def __init__(self, store, grant, secret, shop_key, *, who, segments=None, batch=1, wait_s=600, poll_s=2, clock=time.time_ns):
        if not WHO.fullmatch(who):
            raise Refused("say who reads: a person or a job, 1 to 100 characters without control characters")
        streaming_aead.register()
        self.grant = load_grant(store, grant, secret, shop_key, clock)
        chosen = set(segments or (s.segment for s in self.grant.segments))
        unknown = chosen - {s.segment for s in self.grant.segments}
        if unknown:
            raise Refused(f"the grant does not hold the segment {min(unknown)}")
        self.segments = sorted((s for s in self.grant.segments if s.segment in chosen), key=lambda s: (s.started_ns, s.segment))
        self._store, self._secret, self._shop_key, self._who, self._clock = store, secret, shop_key, who, clock
        self._batch, self._wait_s, self._poll_s = max(1, batch), wait_s, poll_s
        self._by_name, self.passed = bool(segments), []

    def __iter__(self):
        for at in range(0, len(self.segments), self._batch):
            readable = [s for s in self.segments[at : at + self._batch] if self._in_time(s)]
            if readable:
                asked = self._ask(readable)
                for segment in readable:
                    yield from self._read(segment, asked)

    def _in_time(self, segment):
        if self._clock() < segment.deadline_ns:
            return True
        if self._by_name:
            raise Refused(f"the segment {segment.segment} had to be gone at {_utc(segment.deadline_ns)}: copies must be deleted")
        self.passed.append(segment)
        return False

    def _ask(self, segments):
        """Asks for the keys of these segments: the shop logs them as opened by you. The name of the request."""
        self._still_granted()
        nonce = secrets.token_hex(8)
        wish = {"version": 1, "grant": self.grant.grant, "segments": [s.segment for s in segments], "at-ns": self._clock()}
        name = f"ask-{self.grant.grant}-{nonce}.json"
        self._store.put(name, _sign("ask", wish | {"nonce": nonce, "who": self._who}, self._secret))
        return name

    def _release(self, segment, asked):
        """The keyset of a segment, and when it expires. Waits for the shop."""
        name = f"key-{self.grant.grant}-{segment.segment}.json"
        until = time.monotonic() + self._wait_s
        while (data := self._store.get(name, MOST["key"])) is None:
            if time.monotonic() >= until:
                raise Refused(
                    f"the shop has not answered {asked} in {self._wait_s} s with the key of the segment {segment.segment}: it is offline, or refuses; ask its people"
                )
            self._still_granted()
            time.sleep(self._poll_s)
        return open_release(data, self._shop_key, self._secret, self.grant, segment, self._clock())

    def _read(self, segment, asked):
        keyset, expires = self._release(segment, asked)
        try:
            handle = tink.json_proto_keyset_format.parse(keyset, secret_key_access.TOKEN)
            opened = handle.primitive(streaming_aead.StreamingAead)
            with self._store.open(segment.object) as sealed, opened.new_decrypting_stream(sealed, segment.associated_data) as plain:
                # The key lives in the stream alone from here on, and goes with it.
                del keyset, handle, opened
                for decoded in _decode(plain, segment):
                    if self._clock() >= expires:
                        raise Refused(f"the segment {segment.segment} reached its end at {_utc(expires)}, while it was read: delete what you have of it")
                    yield decoded
                if plain.read(1):
                    raise Refused(f"the segment {segment.segment} goes on after its end")
        except (tink.TinkError, McapError) as failed:
            raise Refused(f"the segment {segment.segment} does not open: it was changed or cut, or is not the one that was granted") from failed

    def _still_granted(self):
        if self._clock() >= self.grant.expires_ns:
            raise Refused(f"the grant expired at {_utc(self.grant.expires_ns)}: its footage must not be read any more, and copies must be deleted")


def load_grant(store, grant, secret, shop_key, clock=time.time_ns):
    """Fetches a grant by its name, 32 hexadecimal digits, and verifies it."""
    if not ID.fullmatch(grant):
        raise Refused("the name of a grant is 32 hexadecimal digits in lower case")
    data = store.get(f"grant-{grant}.json", MOST["grant"])
    if data is None:
        raise Refused(f"the grant {grant} is not in the store: the shop has taken it back, or you look in the wrong place")
    read = read_grant(data, shop_key, secret, clock())
    if read.grant != grant:
        raise Refused(f"the document of the grant {grant} holds the grant {read.grant}")
    return read


def _decode(plain, segment):
    """What is in an MCAP stream, decoded while it is read."""
    schemas, channels, decoders, video = {}, {}, {}, None
    for record in StreamReader(plain, validate_crcs=True).records:
        if isinstance(record, Metadata) and record.name == "sluis.segment":
            video = _Video(int(record.metadata["width"]), int(record.metadata["height"]))
        elif isinstance(record, Schema):
            schemas[record.id] = record
        elif isinstance(record, Channel):
            # The summary at the end tells of the channels once more.
            if record.id not in channels:
                channels[record.id] = record
                if record.message_encoding != "json":
                    decoders[record.id] = DecoderFactory().decoder_for(record.message_encoding, schemas.get(record.schema_id))
        elif isinstance(record, Message):
            topic = channels[record.channel_id].topic
            decode = decoders.get(record.channel_id, json.loads)
            decoded = Decoded(segment, topic, topic.rsplit("/", 1)[-1], record.log_time, decode(record.data))
            if decoded.kind == "video":
                yield from video.decode(decoded)
            elif decoded.kind == "depth":
                yield dataclasses.replace(decoded, picture=decode_depth(decoded.message.data))
            else:
                yield decoded
    if video:
        yield from video.rest()


class _Video:
    """H.264 to pictures of the true size: coded ones can have a row or column more."""

    def __init__(self, width, height):
        self._decoder = av.CodecContext.create("h264", "r")
        self._width, self._height = width, height
        # By time: what the decoder still holds.
        self._held = {}

    def decode(self, decoded):
        packet = av.Packet(decoded.message.data)
        packet.pts, packet.time_base = decoded.time_ns, fractions.Fraction(1, 1_000_000_000)
        self._held[decoded.time_ns] = decoded
        yield from self._pictures(packet)

    def rest(self):
        yield from self._pictures(None)

    def _pictures(self, packet):
        for picture in self._decoder.decode(packet):
            array = picture.to_ndarray(format="rgb24")[: self._height, : self._width]
            yield dataclasses.replace(self._held.pop(picture.pts), picture=array)


# === Command line ===


def _arguments():
    parser = argparse.ArgumentParser(description="Reads the segments that a shop has granted.")
    commands = parser.add_subparsers(dest="command", required=True)
    keygen = commands.add_parser("keygen", help="make your keys, and print what the shop gets")
    keygen.add_argument("--to", type=pathlib.Path, required=True, help="the file for the secret; it must not exist")
    listing = commands.add_parser("list", help="show what is granted")
    reading = commands.add_parser("read", help="open segments and count what is in them")
    for command in (listing, reading):
        place = command.add_mutually_exclusive_group(required=True)
        place.add_argument("--folder", type=pathlib.Path, help="the folder that the shop's objects are in")
        place.add_argument("--bucket", help="the bucket that they are in")
        command.add_argument("--endpoint", help="the address of the bucket's service; default: that of AWS")
        command.add_argument("--prefix", default="", help="how their names begin in the bucket")
        command.add_argument("--grant", required=True, help="the grant: 32 hexadecimal digits")
        command.add_argument("--secret", type=pathlib.Path, required=True, help="what `keygen` wrote")
        command.add_argument("--shop-key", type=pathlib.Path, required=True, help="the shop's public key")
    reading.add_argument("--who", required=True, help="the person or job that reads; the shop logs it")
    reading.add_argument("--segment", action="append", help="only this segment; can be given more than once")
    reading.add_argument("--wait", type=float, default=600, help="how long to wait for each key, in seconds (default 600)")
    reading.add_argument("--out", choices=["counts"], default="counts", help="what is printed: how many messages there are, and nothing of what is in them")
    return parser.parse_args()


def _list(grant):
    print(f"{grant.shop} grants {grant.partner}, {grant.country}, until {_utc(grant.expires_ns)}")
    print(f"for {grant.purpose}, under {grant.contract}, ground of transfer: {json.dumps(grant.ground)}")
    for segment in grant.segments:
        print(f"{segment.segment}  {segment.camera}  from {_utc(segment.started_ns)}  to be gone by {_utc(segment.deadline_ns)}  {segment.bytes} bytes")


def _count(messages):
    counts, sizes = collections.Counter(), {}
    for decoded in messages:
        counts[decoded.segment.segment, decoded.topic] += 1
        if decoded.picture is not None:
            sizes[decoded.segment.segment, decoded.topic] = " of {1}x{0}".format(*decoded.picture.shape)
    for (segment, topic), count in sorted(counts.items()):
        print(f"{segment}  {topic}  {count} messages{sizes.get((segment, topic), '')}")


def main():
    options = _arguments()
    try:
        if options.command == "keygen":
            secret = Secret.generate(options.to)
            print(secret.public_document())
            print(f"fingerprint {short(secret.fingerprint)}: compare it with the shop by telephone", file=sys.stderr)
            return 0
        store = FolderStore(options.folder) if options.folder else BucketStore(options.bucket, options.endpoint, options.prefix)
        secret, shop_key = Secret.load(options.secret), ShopKey.load(options.shop_key)
        if options.command == "list":
            _list(load_grant(store, options.grant, secret, shop_key))
        else:
            _count(GrantedSegments(store, options.grant, secret, shop_key, who=options.who, segments=options.segment, wait_s=options.wait))
        return 0
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
