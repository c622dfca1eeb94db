"""What the sweep may find."""

from enum import StrEnum


class Finding(StrEnum):
    EVENT_LOST = "event_lost"
    """A file waited for its event."""
    RETRY_DUE = "retry_due"
    """A file waited for its next attempt after a transient fault."""
    LEASE_RAN_OUT = "lease_ran_out"
    """A worker died."""
    REOPENED = "reopened"
    """Somebody asked for it to be processed again."""
    ANNOUNCED_IN_VAIN = "announced_in_vain"
    """The bytes never came."""
    ANSWER_LOST = "answer_lost"
    """The bytes came, although the row doesn't say so."""
    GIVEN_UP = "given_up"
    LEFT_OVER = "left_over"
    """An object of a deleted file."""
    UNHEARD_OF = "unheard_of"
    """An object that no row knows, or that is another one than its row knows."""
    OBJECT_GONE = "object_gone"
    """A row whose object somebody took away."""
    CAME_MEANWHILE = "came_meanwhile"
    """An object that the listing lacked is there."""
    FAILED = "failed"
    """The step could not be taken, and is still due."""
