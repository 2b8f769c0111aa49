"""Seals, opens, and makes test vectors with Google's own Tink: the peer that the seal is held against.

    tink_stream.py seal KEYSET ASSOCIATED_DATA_HEX FROM TO
    tink_stream.py open KEYSET ASSOCIATED_DATA_HEX FROM TO
    tink_stream.py vectors TO
"""

import io
import json
import pathlib
import sys

import tink
from tink import cleartext_keyset_handle, secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2


def primitive(keyset):
    handle = tink.json_proto_keyset_format.parse(keyset, secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


class Sink(io.BytesIO):
    """Keeps its content when it is closed."""

    def close(self):
        self.content = self.getvalue()
        super().close()


def seal(key, associated_data, plaintext):
    sink = Sink()
    with key.new_encrypting_stream(sink, associated_data) as stream:
        stream.write(plaintext)
    return sink.content


def unseal(key, associated_data, sealed):
    with key.new_decrypting_stream(io.BytesIO(sealed), associated_data) as stream:
        return stream.read()


def vectors():
    """Keys are counted, not random, so that they can be written down. Salt and nonces are Tink's own, random."""
    for number, length in enumerate([0, 1, 100, 4039, 4040, 4041, 8120, 8121]):
        value = bytes((number * 32 + i) % 256 for i in range(32))
        parameters = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=4096, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
        )
        key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(version=0, params=parameters, key_value=value)
        data = tink_pb2.KeyData(
            type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
            value=key.SerializeToString(),
            key_material_type=tink_pb2.KeyData.SYMMETRIC,
        )
        entry = tink_pb2.Keyset.Key(
            key_data=data, status=tink_pb2.ENABLED, key_id=1, output_prefix_type=tink_pb2.RAW
        )
        keyset = tink_pb2.Keyset(primary_key_id=1, key=[entry])
        handle = cleartext_keyset_handle.from_keyset(keyset)
        plaintext = bytes(i % 251 for i in range(length))
        associated_data = b"vector %d\0" % number
        sealed = seal(handle.primitive(streaming_aead.StreamingAead), associated_data, plaintext)
        yield {
            "key": value.hex(),
            "associated_data": associated_data.hex(),
            "length": length,
            "sealed": sealed.hex(),
        }


def main():
    streaming_aead.register()
    if sys.argv[1] == "vectors":
        note = "Made by tests/peers/tink_stream.py with tink 1.16.1. Byte i of each plaintext is i % 251."
        text = json.dumps({"note": note, "vectors": list(vectors())}, indent=1)
        pathlib.Path(sys.argv[2]).write_text(text + "\n")
        return
    do = {"seal": seal, "open": unseal}[sys.argv[1]]
    keyset, associated_data, source, target = sys.argv[2:]
    key = primitive(pathlib.Path(keyset).read_text())
    pathlib.Path(target).write_bytes(do(key, bytes.fromhex(associated_data), pathlib.Path(source).read_bytes()))


if __name__ == "__main__":
    main()
