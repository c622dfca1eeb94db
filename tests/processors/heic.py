"""HEIC as phones write it: a grid of tiles. There is no encoder here, so all tiles are the same one."""

import struct
from base64 import b64decode

TILE = 128
"""Pixels of a tile's side."""

_CONFIGURATION = b64decode(
    "AQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoBAgIFlupJKa"
    "5uAhoMCAAAAMgAAAAwCEYgABAAdEAcFysCJA"
)
_NOISE = b64decode(
    "AAAFWygBrwtg+saSP46hfunw6Yu3j2TF5c74GarZ4eUGsGrM/Vm5h1Isf/Za/nr774KuY9tiNcYMK7Mjmthc3hsbwJaBAfHwAe3GDzvg1JyV454b"
    "GBDZXNyrt5/Qxus9qn4+r6nQMGXSOkWok85HDWCceHU+VR/3WEYg0t4lcGJez4DsfiOHJtiTO+CLIQMwvvLKyHr90z87r9hksvN2niGYxjQSm4lc"
    "OUniO38O7JVlXGv8paY+5DdtVajIhSvLOkqtaVobWYfo/XUcrRDbEVxgizK4ICkWK6EiscTlvpSCOXUZyKTv5oafvSk7UKS+EqeBfRwuub1fvqlb"
    "8YGonFb9+IkDbgYBak5b5MO3oGMrYpEIw9pNvCkfjpWG/zUMN0pVxiOveZtE0uf1jheseCna81vDEIomVFE18wzziJkp965DKsB37Ma8p+0HvJuJ"
    "1lXGJasOzCLKEVCw1+4UUClIN5oev7C3A4uJ/k9OMtWj2/xlBXqemr2Ix50dEiZw+y5/Ks+AmVpAwPc3Tdr77Lyj7j08pRxT+GHvsw1LhO1vsKWW"
    "iBGjY1yu6Navzab7/7cYM2VIp5psBK0md3a8mM1wzCMMGPPB+tCRZgJSkL3bDCxyNHTRESJvmmYM8k3BvT92kqwf/Lw/2ccj4DVGU6Bt84SCpW3q"
    "Qdf0sGBsdtv4LDj1+8abvfEmZfC7gj8yhml7rsdOnw88pb0Cz48TuIo82i34vGF1YehEWUYL5mtK+FmBRZ/+IOMY3JkfybpoH6PC6QnGmMDx88MD"
    "AziAybXU0+zDtV9CHNaGy15cm8qVZoJ3Qq1T6/XS+E2ABqZAmyEAL6FaAHgFiAus4GN8zUYZTP9xYS9v7/6hcxCfQaSrh80QbgZ//Ib4f9lvoifv"
    "ZEWmqPu3Vsv6+lBCV9Q/mnMB2hD6olmXMg632fHNSNlJa9BUhd72kUYioVvJ1FYxefEAlPYRlHUkb+AHPL/qJfjtoA6tBxefmBxKxYZJaUD2UklV"
    "ylmFhdbLlK3OOW7NMZ+p5sih/ShPbR1DjvRCGV0Twu4k3LUrRDzwGzT991LO+7hTTUwCiDiIN5k7EaDIeTFO5XUmEtX0N6m8xcnYdB+OKhy353T1"
    "oc9yu01GyuhiJhyDP9871QZeBQe/9YBXOQkeOnFfTMcJCBWOzOOA7BzyxTFzDwFllQxUdCnAOs0dM5ljRLmOEkxj/+CYahlXNqeK+b4gmz8UAu+v"
    "iPUMNLwkfxfYVJ7aQw9zrjFkr+9gdEmL8CH9tkRleL/MZHI+tw5ZjyaC1/p9fiXKNQ9yznddwcRJ+AdBjrbsuv7P+NYja7OBd9b4k/zucciYUOur"
    "GaqVl1ovvd/anGaS16emL+9ob9w2n7mWmmIkekSxXtXtrBmvbyo2IWPKDEYtkghiElK0rHcW0k6kKM7lgkHxKvaXKo6hHDwRmWrQdpcix/pdX48N"
    "i6n38byDFBx5Hs5aq/k2PH1nKE0RGbcxrieH26S1gwAg4RTLCSExZ20DjF9+dNnRr7UvMLH75K/jiZDHNkelB2j0G/Tmw9mxY09jxGrmelEceItH"
    "z9g/Hi7MMMpexcJ8zxs+bmvhm7wN0ktigAM+EaDBqbg5iH3oCeMnqfJjVFs7ixvhIc78q6zsaiUmWVwHjobleXlr2snglYAmArI8Hj/d2BC/IJVz"
    "8gTBsr0NVhOYE6Wz+U2w9w4EgGeQ7OEMe3dCxBDM0kI+DwtVc4txQi+8ylKnedZyju8FQGIEcoolioPyMI8g/2R8WPU9slJD3Wk0itsK3UkTXn7A"
    "1Y2Mli1FMWZzkFOY8i3/6b4U4kTCkRXA2ZzdY0hkBA=="
)
"""A tile of colored noise, by libheif with x265."""

_HIDDEN = 1


def make_grid(columns: int, rows: int) -> bytes:
    """A picture of so many tiles. ISO/IEC 23008-12, 6.6.2.3, and ISO/IEC 14496-12, 8.11, for the boxes."""
    tiles = columns * rows
    whole, width, height = tiles + 1, columns * TILE, rows * TILE
    kind = box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    layout = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
    before = len(kind) + len(_meta(tiles, layout, width, height, 0)) + len(box(b"mdat", b""))
    assert whole < 1000, "libheif refuses more items"
    return kind + _meta(tiles, layout, width, height, before) + box(b"mdat", _NOISE)


def pad(content: bytes, size: int, noise: bytes) -> bytes:
    """Fill an ISO media file up to a size, with a box that readers skip."""
    return content + box(b"free", noise[: size - len(content) - 8])


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data


def _full(kind: bytes, data: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags) + data)


def _meta(tiles: int, layout: bytes, width: int, height: int, at: int) -> bytes:
    """Describe the items: each tile is the same bytes, the whole refers to all of them."""
    whole, numbers = tiles + 1, range(1, tiles + 1)
    entries = [_full(b"infe", struct.pack(">HH4sx", number, 0, b"hvc1"), 2, _HIDDEN) for number in numbers]
    entries.append(_full(b"infe", struct.pack(">HH4sx", whole, 0, b"grid"), 2))
    places = [struct.pack(">HHHHII", number, 0, 0, 1, at, len(_NOISE)) for number in numbers]
    places.append(struct.pack(">HHHHII", whole, 1, 0, 1, 0, len(layout)))  # in `idat`
    properties = box(b"hvcC", _CONFIGURATION) + _extent(TILE, TILE) + _extent(width, height)
    belonging = [struct.pack(">HBBB", number, 2, 0x81, 2) for number in numbers]
    belonging.append(struct.pack(">HBB", whole, 1, 3))
    return _full(
        b"meta",
        _full(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + _full(b"pitm", struct.pack(">H", whole))
        + _full(b"iloc", struct.pack(">HH", 0x4400, whole) + b"".join(places), 1)
        + _full(b"iinf", struct.pack(">H", whole) + b"".join(entries))
        + box(b"iprp", box(b"ipco", properties) + _full(b"ipma", struct.pack(">I", whole) + b"".join(belonging)))
        + _full(b"iref", box(b"dimg", struct.pack(f">HH{tiles}H", whole, tiles, *numbers)))
        + box(b"idat", layout),
    )


def _extent(width: int, height: int) -> bytes:
    return _full(b"ispe", struct.pack(">II", width, height))
