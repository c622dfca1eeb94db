"""The usual way to write this service's functions: FastAPI behind Mangum, pydantic, SQLAlchemy Core and boto3.

`handler` is the routes' function, `process` that of S3's events. Both use the service's own table and bucket.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from mimetypes import guess_type
from typing import Annotated, Any
from urllib.parse import unquote_plus
from uuid import UUID, uuid4

import boto3
from fastapi import Depends, FastAPI, Request, Response, UploadFile
from mangum import Mangum
from pydantic import BaseModel
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    create_engine,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

OWNER = "everyone"
BUCKET = os.environ["BUCKET"]

table = Table(
    "files",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("owner", Text),
    Column("name", Text),
    Column("object_key", Text),
    Column("size", BigInteger),
    Column("declared_type", Text),
    Column("detected_type", Text),
    Column("checksum_algorithm", Text),
    Column("checksum_value", Text),
    Column("status", Text),
    Column("lease_until", DateTime(timezone=True)),
    Column("attempts", Integer),
    Column("version", Integer),
    Column("created_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("uploaded_at", DateTime(timezone=True)),
    Column("queued_at", DateTime(timezone=True)),
    Column("processed_at", DateTime(timezone=True)),
    Column("result", JSONB),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("etag", Text),
    Column("thumbnail_key", Text),
    Column("mismatch", Boolean),
    Column("metadata", JSONB),
    Column("scan_verdict", Text),
    Column("scanned_at", DateTime(timezone=True)),
)

engine = create_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"),
    isolation_level="AUTOCOMMIT",
    pool_size=1,
)
s3 = boto3.client("s3", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))
app = FastAPI()


class Types(BaseModel):
    declared: str | None
    extension: str | None
    detected: str | None
    mismatch: bool


class Checksum(BaseModel):
    algorithm: str
    value: str


class Error(BaseModel):
    code: str
    message: str


class Scan(BaseModel):
    verdict: str
    scanned_at: datetime


class File(BaseModel):
    id: UUID
    file: str
    uploaded_at: datetime | None
    processed: bool
    name: str
    size: int | None
    status: str
    processed_at: datetime | None
    attempts: int
    types: Types
    checksum: Checksum | None
    result: dict[str, Any] | None
    error: Error | None
    thumbnail: str | None
    owner: str
    version: int
    metadata: dict[str, str]
    scan: Scan | None


def file_of(row: Any, base_url: str) -> File:
    """Return the model of a row."""
    url = f"{base_url}/api/files/{row.id}"
    return File(
        id=row.id,
        file=f"{url}/content",
        uploaded_at=row.uploaded_at,
        processed=row.status == "processed",
        name=row.name,
        size=row.size,
        status=row.status,
        processed_at=row.processed_at,
        attempts=row.attempts,
        types=Types(
            declared=row.declared_type,
            extension=guess_type(row.name)[0],
            detected=row.detected_type,
            mismatch=bool(row.mismatch),
        ),
        checksum=Checksum(algorithm=row.checksum_algorithm, value=row.checksum_value)
        if row.checksum_algorithm
        else None,
        result=row.result,
        error=Error(code=row.error_code, message=row.error_message) if row.error_code else None,
        thumbnail=f"{url}/thumbnail" if row.thumbnail_key else None,
        owner=row.owner,
        version=row.version,
        metadata=row.metadata or {},
        scan=Scan(verdict=row.scan_verdict, scanned_at=row.scanned_at) if row.scan_verdict else None,
    )


def connect() -> Iterator[Connection]:
    """Yield a connection of the pool."""
    with engine.connect() as connection:
        yield connection


Database = Annotated[Connection, Depends(connect)]


@app.get("/api/files/")
def list_files(database: Database, request: Request, limit: int = 100, q: str | None = None) -> list[File]:
    """Return the newest files."""
    listed_at = func.coalesce(table.c.uploaded_at, table.c.created_at)
    statement = select(table).where(table.c.owner == OWNER)
    if q is not None:
        statement = statement.where(table.c.name.icontains(q, autoescape=True))
    rows = database.execute(statement.order_by(listed_at.desc(), table.c.id.desc()).limit(limit)).all()
    base_url = str(request.base_url).rstrip("/")
    return [file_of(row, base_url) for row in rows]


@app.post("/api/upload/", status_code=201)
def upload(database: Database, request: Request, response: Response, file: UploadFile) -> File:
    """Store a file: a row, an object, and the row's new status."""
    content, file_id = file.file.read(), uuid4()
    key = f"uploads/{file_id}/{file.filename}"
    values = {
        "id": file_id,
        "owner": OWNER,
        "name": file.filename,
        "object_key": key,
        "size": len(content),
        "declared_type": file.content_type,
        "checksum_algorithm": "sha256",
        "checksum_value": hashlib.sha256(content).hexdigest(),
        "status": "awaiting_upload",
        "expires_at": func.now() + timedelta(days=7),
    }
    database.execute(insert(table).values(values))
    etag = s3.put_object(Bucket=BUCKET, Key=key, Body=content, ContentType=file.content_type)["ETag"].strip('"')
    columns = {
        "status": "uploaded",
        "uploaded_at": func.now(),
        "queued_at": func.now(),
        "etag": etag,
        "version": 2,
    }
    row = database.execute(update(table).where(table.c.id == file_id).values(columns).returning(table)).one()
    base_url = str(request.base_url).rstrip("/")
    response.headers["Location"] = f"{base_url}/api/files/{file_id}"
    return file_of(row, base_url)


def process(event: dict[str, Any], context: Any) -> None:
    """Claim the file of each event, read its object and store the size of it as the result."""
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        lease = timedelta(milliseconds=context.get_remaining_time_in_millis())
        claim = {
            "status": "processing",
            "lease_until": func.now() + lease,
            "attempts": table.c.attempts + 1,
            "version": table.c.version + 1,
        }
        waiting = update(table).where(table.c.object_key == key, table.c.status == "uploaded")
        with engine.connect() as connection:
            row = connection.execute(waiting.values(claim).returning(table)).one_or_none()
        if row is None:
            continue
        content = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        finish = {
            "status": "processed",
            "lease_until": None,
            "processed_at": func.now(),
            "result": {"text": {"lines": content.count(b"\n")}},
            "version": table.c.version + 1,
        }
        claimed = update(table).where(table.c.id == row.id, table.c.attempts == row.attempts)
        with engine.connect() as connection:
            connection.execute(claimed.values(finish))


handler = Mangum(app, lifespan="off")
