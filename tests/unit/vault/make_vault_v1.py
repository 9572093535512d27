#!/usr/bin/env python3
"""Writes a small vault, made after docs/vault.md alone, with nothing of reeve's code: all rows of schema 1, or those
of grants and access tokens with labels, of schema 2.

    ./make_vault_v1.py > vault_v1.h
    ./make_vault_v1.py 2 > vault_v2.h

Keys and nonces are fixed, so the answer never changes. vault_format_test.cc opens it.
"""

import hashlib
import struct
import sys


def rotate(x, n):
    return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF


def quarter(s, a, b, c, d):
    s[a] = (s[a] + s[b]) & 0xFFFFFFFF
    s[d] = rotate(s[d] ^ s[a], 16)
    s[c] = (s[c] + s[d]) & 0xFFFFFFFF
    s[b] = rotate(s[b] ^ s[c], 12)
    s[a] = (s[a] + s[b]) & 0xFFFFFFFF
    s[d] = rotate(s[d] ^ s[a], 8)
    s[c] = (s[c] + s[d]) & 0xFFFFFFFF
    s[b] = rotate(s[b] ^ s[c], 7)


def rounds(key, tail):
    s = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) + struct.unpack("<4I", tail))
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(s, a, b, c, d)
    return s


def chacha_block(key, counter, nonce):
    tail = struct.pack("<I", counter) + nonce
    first = struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) + struct.unpack("<4I", tail)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(first, rounds(key, tail))))


def hchacha(key, nonce16):
    s = rounds(key, nonce16)
    return struct.pack("<8I", *(s[:4] + s[12:]))


def poly1305(key, text):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    s = int.from_bytes(key[16:], "little")
    a = 0
    for i in range(0, len(text), 16):
        a = (a + int.from_bytes(text[i:i + 16] + b"\1", "little")) * r % ((1 << 130) - 5)
    return ((a + s) & ((1 << 128) - 1)).to_bytes(16, "little")


def seal(key, nonce, plain, associated):
    """nonce, ciphertext, tag: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03)."""
    key = hchacha(key, nonce[:16])
    short = b"\0\0\0\0" + nonce[16:]
    stream = b"".join(chacha_block(key, i + 1, short) for i in range(len(plain) // 64 + 1))
    text = bytes(a ^ b for a, b in zip(plain, stream))

    def pad(x):
        return x + b"\0" * (-len(x) % 16)
    tag = poly1305(chacha_block(key, 0, short)[:32],
                   pad(associated) + pad(text) + struct.pack("<QQ", len(associated), len(text)))
    return nonce + text + tag


def blake(key, person, text):
    return hashlib.blake2b(text, key=key, digest_size=32, person=person).digest()


def parts(*texts):
    return b"".join(struct.pack(">I", len(t)) + t for t in texts)


def derive(parent, label, name=b""):
    return blake(parent, b"reeve/derive/v1", parts(label, name))


def keyed_hash(key, text):
    return blake(key, b"reeve/hash/v1", text)


HEADER, HEAD, EPOCH_KEY, GRANT, ACCESS_TOKEN, SESSION = 1, 2, 3, 4, 5, 6
SCHEMA = int(sys.argv[1]) if len(sys.argv) > 1 else 1
NOWHERE = bytes(32)

master = bytes(range(0, 32))
recovery = bytes(range(32, 64))
root = bytes(range(64, 96))
epoch = bytes(range(96, 128))
vault_id = bytes(range(128, 144))

nonces = iter(bytes([i] * 24) for i in range(1, 255))
id_key = derive(root, b"record ids", vault_id)
label_key = derive(root, b"labels", vault_id)
set_key = derive(root, b"set of rows", vault_id)
mac_key = derive(root, b"header", vault_id)


def record_id(kind, *names):
    return keyed_hash(id_key, bytes([kind]) + parts(*names))


def label(*names):
    made = keyed_hash(label_key, parts(*names))[:16]
    return made if made[0] else b"\1" + made[1:]


def mark(name):
    return b"\0" + label(name)[1:]


def of_labels(labels):
    return bytes([len(labels)]) + b"".join(labels) if labels else b""


def row(kind, rid, epoch_number, generation, plain, labels):
    parent = root if epoch_number == 0 else epoch
    clear = struct.pack(">BIQ", 2 if labels else 1, epoch_number, generation) + of_labels(labels)
    associated = b"reeve/record" + vault_id + bytes([kind]) + rid + clear
    return clear + seal(derive(parent, b"record", rid), next(nonces), plain, associated)


def slot(kind, key):
    sealed = seal(derive(key, b"slot", vault_id), next(nonces), root,
                  b"reeve/slot" + vault_id + bytes([kind]))
    return bytes([kind]) + derive(key, b"slot fingerprint", vault_id)[:16] + sealed


def header(generation, slots):
    text = b"REEVEVLT" + struct.pack(">H", 1) + vault_id + struct.pack(">QB", generation, len(slots)) + b"".join(slots)
    return text + keyed_hash(mac_key, text)


rows = []  # kind, id, epoch, generation, octets, labels


def add(kind, rid, epoch_number, generation, plain, *labels):
    labels = labels if SCHEMA == 2 else ()
    rows.append((kind, rid, epoch_number, generation, row(kind, rid, epoch_number, generation, plain, labels), labels))


rows.append((HEADER, NOWHERE, 0, 4, header(4, [slot(1, master), slot(2, recovery)]), ()))
add(EPOCH_KEY, record_id(EPOCH_KEY, struct.pack(">I", 1)), 0, 1, struct.pack(">I", 1) + epoch)
add(GRANT, record_id(GRANT, b"alice", b"github"), 1, 2, b"a refresh token, longer than one block of sixty-four octets is",
    label(b"grant", b"0123"), label(b"grants of user", b"https://login.example", b"alice"), mark(b"dead grant"))
if SCHEMA == 2:
    add(ACCESS_TOKEN, record_id(ACCESS_TOKEN, b"0123"), 1, 3, b"an access token", label(b"token of grant", b"0123"))
add(SESSION, record_id(SESSION, b"handle"), 1, 5, b"")

total = bytes(32)
for kind, rid, epoch_number, generation, _, labels in rows:
    item = keyed_hash(set_key, bytes([kind]) + rid + struct.pack(">IQ", epoch_number, generation) + of_labels(labels))
    total = bytes(a ^ b for a, b in zip(total, item))
add(HEAD, NOWHERE, 0, 5, struct.pack(">QQI", 5, len(rows), 1) + total)

print("// Made by make_vault_v1.py; not to be changed by hand.")
print("#pragma once\n")
if SCHEMA == 2:
    print("#include \"vault_v1.h\"\n")
print("namespace reeve::test {\n")
print("// clang-format off")
if SCHEMA == 1:
    print("struct HexRow {\n  int kind;\n  const char* id;\n  const char* row;\n};\n")
print("constexpr HexRow vault_v%d[] = {" % SCHEMA)
for kind, rid, _, _, octets, _ in rows:
    print("    {%d,\n     \"%s\"," % (kind, rid.hex()))
    text = octets.hex()
    lines = ["     \"%s\"" % text[i:i + 88] for i in range(0, len(text), 88)]
    print("\n".join(lines) + "},")
print("};\n// clang-format on\n\n}  // namespace reeve::test")
