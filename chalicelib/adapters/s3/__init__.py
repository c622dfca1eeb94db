"""The bucket on S3. Only this package imports boto3, for multipart uploads.

Layout: `uploads/{id}/{name}` for uploaded files, `derived/{id}/…` for what is made of them, such as thumbnails.
IAM: s3:PutObject, s3:GetObject, s3:GetObjectTagging, s3:DeleteObject, s3:ListMultipartUploadParts and
s3:AbortMultipartUpload on the bucket's objects; s3:ListBucketMultipartUploads on the bucket, and s3:ListBucket,
without which S3 returns 403 instead of 404 for an object that doesn't exist. Creating and completing a multipart
upload is s3:PutObject.
Limits: a single PUT, and a part, can have 5 GiB; a presigned URL lives 7 days at most, and no longer than the
credentials that signed it.
"""

from chalicelib.adapters.s3.multipart import S3MultipartUploads
from chalicelib.adapters.s3.objects import S3Objects
from chalicelib.adapters.s3.presigning import S3PresignedRequests

__all__ = ["S3Storage"]


class S3Storage(S3Objects, S3MultipartUploads, S3PresignedRequests):
    """Implements `chalicelib.core.storage.Storage`."""
