"""Objects that lie under `uploads/` without a row: another tool put them there, or their file was deleted."""

import logging

import uuid_utils.compat as uuids

from chalicelib.core.files import NewFile
from chalicelib.core.names import name_of_key
from chalicelib.core.ports import Known, Storage, Work
from chalicelib.core.s3_events import CreatedObject

log = logging.getLogger(__name__)


def adopt(key: str, owner: str, *, work: Work, storage: Storage) -> bool:
    """Give the object a row, for the owner, and return True; False when there is nothing to adopt.

    The object of a deleted file is deleted: its bytes arrived after the file was gone.
    """
    known = work.known(key)
    if known is Known.DELETED:
        log.warning("%s arrived after its file was deleted; it is deleted too", key)
        storage.delete(key)
    if known is not Known.NOTHING:
        return False
    stored = storage.head(key)
    if stored is None or CreatedObject(key, size=stored.size).is_folder:
        return False
    work.adopt(
        NewFile(
            id=uuids.uuid7(),
            owner=owner,
            name=name_of_key(key),
            object_key=key,
            size=stored.size,
            declared_type=stored.media_type,
            checksum=stored.checksum,
            etag=stored.etag,
        )
    )
    return True
