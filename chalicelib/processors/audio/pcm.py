"""The facts in a header of uncompressed audio."""

from msgspec import Struct


class PcmAudio(Struct, frozen=True):
    """Samples of a fixed size, one after the other."""

    channels: int
    samples_per_second: float
    bytes_per_sample: int
    """Of all channels together."""

    length: int
    """Bytes of audio in the file."""

    @property
    def duration_seconds(self) -> float:
        """Return how long the audio plays."""
        return self.length / self.bytes_per_sample / self.samples_per_second

    @property
    def bits_per_second(self) -> float:
        """Return the bit rate of all channels together."""
        return 8 * self.bytes_per_sample * self.samples_per_second


def audio_length(declared: int, available: int) -> int:
    """Return how many bytes of audio there are.

    A program that can't go back to the header, because it writes to a pipe or was stopped, leaves a length of 0 or
    the largest number there: then it's what is left of the file.
    """
    return declared if 0 < declared <= available else max(available, 0)
