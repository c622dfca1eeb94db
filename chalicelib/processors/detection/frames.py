"""Formats that are a sequence of frames or packets, without a header of the file."""

_PACKET, _PACKET_WITH_TIME = 188, 192
"""Bytes of an MPEG transport stream's packet, ISO/IEC 13818-1, 2.4.3.2; on Blu-ray discs with four more bytes."""

_PACKETS = 5

ID3_HEADER = 10
"""Bytes."""

_BIT_RATES = {
    (3, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second by the fields for the version and the layer. ISO/IEC 11172-3, 2.4.2.3 and 13818-3, 2.4.2.3"""

_SAMPLING_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def has_id3_tag(head: bytes) -> bool:
    """Return whether the file begins with an ID3 tag and its version. https://id3.org/id3v2.4.0-structure, 3.1"""
    return head.startswith(b"ID3") and len(head) >= ID3_HEADER and head[3] < 0x10


def match_transport_stream(head: bytes) -> str | None:
    """Match a byte at the beginning of each packet."""
    for begin, step in ((0, _PACKET), (4, _PACKET_WITH_TIME)):
        offsets = range(begin, begin + _PACKETS * step, step)
        if len(head) > offsets[-1] and all(head[offset] == 0x47 for offset in offsets):
            return "video/mp2t"
    return None


def match_mpeg_audio(head: bytes) -> str | None:
    """Match twelve set bits, a layer, and neither a bit rate nor a sampling rate that is reserved. ISO/IEC
    11172-3, 2.4.2.3; with layer 0 it is AAC in ADTS, ISO/IEC 13818-7, 6.2.

    Version 2.5 and layer I begin like nothing at all and like UTF-16: they need a second frame where the first
    one ends.
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0 and version >= 2:
        return "audio/aac" if head[2] >> 2 & 0x0F < 13 else None
    if head[2] >> 4 in {0, 15} or head[2] >> 2 & 3 == 3 or version == 1 or layer == 0:
        return None
    if version == 0 or layer == 3:
        behind = _frame_length(head, version, layer)
        return "audio/mpeg" if head[behind : behind + 1] == b"\xff" and head[behind + 1] == head[1] else None
    return "audio/mpeg"


def _frame_length(head: bytes, version: int, layer: int) -> int:
    """Return the bytes of the frame. ISO/IEC 11172-3, 2.4.3.1"""
    bits = _BIT_RATES[(3 if version == 3 else 2), layer][(head[2] >> 4) - 1] * 1000
    rate, padding = _SAMPLING_RATES[version][head[2] >> 2 & 3], head[2] >> 1 & 1
    if layer == 3:
        return (12 * bits // rate + padding) * 4
    samples = 1152 if layer == 2 or version == 3 else 576
    return samples // 8 * bits // rate + padding


def match_ac3(head: bytes) -> str | None:
    """Match a sync word, and a sampling rate and a size that aren't reserved. ETSI TS 102 366, 4.4.1, E.1.3.1"""
    if not head.startswith(b"\x0b\x77") or len(head) < 6:
        return None
    version = head[5] >> 3
    if version > 10:
        return "audio/eac3" if 11 <= version <= 16 and head[4] >> 6 != 3 else None
    return "audio/ac3" if head[4] >> 6 != 3 and head[4] & 0x3F < 38 else None
