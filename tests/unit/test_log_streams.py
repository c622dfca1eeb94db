"""MiniStack forgets the oldest log streams."""

from emulator.log_streams import MAX_STREAMS, forget_oldest


def test_the_newest_streams_are_kept() -> None:
    streams = {f"{number}": {"events": [number]} for number in range(MAX_STREAMS + 2)}
    forget_oldest(streams)
    assert list(streams) == [f"{number}" for number in range(2, MAX_STREAMS + 2)]


def test_few_streams_are_all_kept() -> None:
    streams = {"a": 1}
    forget_oldest(streams)
    assert streams == {"a": 1}
