"""Match formats that are a sequence of frames or packets, without a header of the file."""

_PACKET, _PACKET_WITH_TIME = 188, 192
"""Bytes of an MPEG transport stream's packet, ISO/IEC 13818-1, 2.4.3.2; on Blu-ray discs with four more bytes."""

_PACKETS = 5

_AC3_SYNC = b"\x0b\x77"

_MIN_FRAMES = 3
_FRAME_HEADER = 6
"""Bytes that are needed to know a frame's length."""

_LAYER_1 = 3
"""The field's value."""

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


def match_transport_stream(head: bytes) -> str | None:
    """Match a byte at the beginning of each packet."""
    for begin, step in ((0, _PACKET), (4, _PACKET_WITH_TIME)):
        offsets = range(begin, begin + _PACKETS * step, step)
        if len(head) > offsets[-1] and all(head[offset] == 0x47 for offset in offsets):
            return "video/mp2t"
    return None


def match_mpeg_audio(head: bytes) -> str | None:
    """Match MPEG audio and AAC in ADTS: frames of which each says its length, so that the next ones are where they
    should be. ISO/IEC 11172-3, 2.4.2.3, and ISO/IEC 13818-7, 6.2

    The head may end within the first frames. Version 2.5 and layer I begin like nothing at all and like UTF-16:
    they need further frames.
    """
    at, frames = 0, 0
    while frames < _MIN_FRAMES and len(head) >= at + _FRAME_HEADER:
        length = _frame_length(head[at:])
        if length is None or head[at + 1] != head[1]:
            return None
        at, frames = at + length, frames + 1
    version, layer = (head[1] >> 3 & 3, head[1] >> 1 & 3) if frames else (0, 0)
    if frames == 0 or (frames < _MIN_FRAMES and (version == 0 or layer == _LAYER_1)):
        return None
    return "audio/aac" if layer == 0 else "audio/mpeg"


def _frame_length(frame: bytes) -> int | None:
    """Return the bytes of the frame that begins here, or None if none does. ISO/IEC 11172-3, 2.4.3.1"""
    version, layer = frame[1] >> 3 & 3, frame[1] >> 1 & 3
    if frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0 or version == 1:
        return None
    if layer == 0:
        length = (frame[3] & 3) << 11 | frame[4] << 3 | frame[5] >> 5
        return length if version >= 2 and frame[2] >> 2 & 0x0F < 13 and length > 7 else None
    if frame[2] >> 4 in {0, 15} or frame[2] >> 2 & 3 == 3:
        return None
    bits = _BIT_RATES[(3 if version == 3 else 2), layer][(frame[2] >> 4) - 1] * 1000
    rate, padding = _SAMPLING_RATES[version][frame[2] >> 2 & 3], frame[2] >> 1 & 1
    if layer == _LAYER_1:
        return (12 * bits // rate + padding) * 4
    samples = 1152 if layer == 2 or version == 3 else 576
    return samples // 8 * bits // rate + padding


def match_ac3(head: bytes) -> str | None:
    """Match a sync word, and a sampling rate and a size that aren't reserved. In E-AC-3 no size is: there the next
    sync word has to follow. ETSI TS 102 366, 4.4.1, E.1.3.1"""
    if not head.startswith(_AC3_SYNC) or len(head) < 6:
        return None
    version = head[5] >> 3
    if version > 10:
        following = 2 * (int.from_bytes(head[2:4]) & 0x7FF) + 2
        is_followed = head.startswith(_AC3_SYNC, following)
        return "audio/eac3" if 11 <= version <= 16 and head[4] >> 6 != 3 and is_followed else None
    return "audio/ac3" if head[4] >> 6 != 3 and head[4] & 0x3F < 38 else None
