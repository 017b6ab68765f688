# SPDX-License-Identifier: GPL-2.0-or-later
"""The self-indexing audio of gateway/lab/pattern.h, written once more: a second opinion on it."""

ALPHABET = bytes.fromhex(
    '101112131415161718191b1c1d1e1f202122232425262728292b2c2d2e2f5051'
    '5253545657606162636465666768696c6d6e6f70717273747576777c7d7e9091'
    '92939495969798999b9c9d9e9fa0a1a2a3a4a5a6a7a8a9abacadaeafd0d1d2d3'
    'd4d6d7dcdddedfe0e1e2e3e4e5e6e7e8e9ecedeeeff0f1f2f3f4f5f6f7fcfdfe')
ROUND_KEYS = (0x9e3779b9, 0x7f4a7c15, 0xf39cc060, 0x5cedc834)
MARK = 0x5a7
HALF = (1 << 28) - 1
FRAME = 8
SILENCE = 0xd5
VALUE = {octet: value for value, octet in enumerate(ALPHABET)}
assert len(ALPHABET) == 128 and list(ALPHABET) == sorted(VALUE)


def _mix(half, key):
    x = (half ^ key) * 0x85ebca6b & 0xffffffff
    x ^= x >> 15
    x = x * 0xc2b2ae35 & 0xffffffff
    return (x ^ x >> 13) & HALF


def frame(stream, number):
    bits = MARK << 45 | stream << 29 | number
    left, right = bits >> 28, bits & HALF
    for key in ROUND_KEYS:
        left, right = right, left ^ _mix(right, key)
    bits = left << 28 | right
    return bytes(ALPHABET[bits >> 7 * i & 0x7f] for i in range(FRAME))


def octets(stream, index, count):
    first = index // FRAME
    frames = b''.join(frame(stream, first + i) for i in range(count // FRAME + 2))
    return frames[index % FRAME:index % FRAME + count]


def place(chunk):
    """(stream, index of the first octet) when the whole chunk is one piece of one stream, or None."""
    for offset in range(FRAME):
        piece = chunk[offset:offset + FRAME]
        if len(piece) < FRAME or any(octet not in VALUE for octet in piece):
            return None
        bits = sum(VALUE[octet] << 7 * i for i, octet in enumerate(piece))
        left, right = bits >> 28, bits & HALF
        for key in reversed(ROUND_KEYS):
            left, right = right ^ _mix(left, key), left
        bits = left << 28 | right
        if bits >> 45 == MARK:
            stream = bits >> 29 & 0xffff
            index = (bits & (1 << 29) - 1) * FRAME - offset
            if index >= 0 and octets(stream, index, len(chunk)) == chunk:
                return stream, index
            return None
    return None
