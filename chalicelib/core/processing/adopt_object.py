"""Give a row to an object under `uploads/` that has none: another tool put it there, or its file was deleted."""

import logging

import uuid_utils.compat as uuids
from msgspec import Struct

from chalicelib.core.errors import RejectedContentError
from chalicelib.core.files.filenames import filename_from_key
from chalicelib.core.files.model import Failure, NewFile
from chalicelib.core.files.object_keys import hide_name, owner_from_key
from chalicelib.core.limits.model import Limits
from chalicelib.core.metrics import Metric, Metrics
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import KeyState, ProcessingQueue
from chalicelib.core.storage import Storage

log = logging.getLogger(__name__)


class AdoptObject(Struct, frozen=True):
    """Add a row for the object with this key."""

    key: str
    default_owner: str
    """Whose it is unless the key names an owner."""


def adopt_object(
    command: AdoptObject, *, queue: ProcessingQueue, storage: Storage, limits: Limits, metrics: Metrics
) -> bool:
    """Add a row for the object and return True; False when there is nothing to adopt. Two statements, and a third
    one if that would exceed the owner's quotas: then the file is rejected, and the object deleted.

    The object of a deleted or rejected file is deleted: it arrived after that.
    """
    key = command.key
    state = queue.key_state(key)
    if state in {KeyState.DELETED, KeyState.REJECTED}:
        log.warning("%s arrived after its file was %s; deleting the object", hide_name(key), state.value)
        storage.delete(key)
    if state is not KeyState.UNKNOWN:
        return False
    head = storage.head(key)
    if head is None or ObjectRef(key, size=head.size).is_folder:
        return False
    new = NewFile(
        id=uuids.uuid7(),
        owner=owner_from_key(key) or command.default_owner,
        name=filename_from_key(key),
        object_key=key,
        size=head.size,
        declared_type=head.media_type,
        checksum=head.checksum,
        etag=head.etag,
    )
    try:
        queue.adopt(new, limits.of(new.owner).quotas)
    except RejectedContentError as error:
        log.warning("rejected an object of another tool: %s", error.kind.code)
        queue.adopt_rejected(new, Failure(error.kind.code, error.message))
        metrics.add(Metric.FAILED, code=error.kind.code)
        storage.delete(key)
        return False
    return True
