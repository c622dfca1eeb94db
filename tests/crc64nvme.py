"""CRC64NVME, as S3 computes it (https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-64-nvme)."""

_POLYNOMIAL = 0x9A6C9329AC4BC9B5
_MASK = 0xFFFFFFFFFFFFFFFF


def _table_entry(index: int) -> int:
    value = index
    for _ in range(8):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value


_TABLE = [_table_entry(index) for index in range(256)]


def crc64nvme(data: bytes) -> str:
    """Return the checksum as 16 hexadecimal digits. It takes a second for a few MB."""
    value = _MASK
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return f"{value ^ _MASK:016x}"
