"""S3's operations, by the names of boto3's methods.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

METHODS = {
    "abort_multipart_upload": "DELETE",
    "complete_multipart_upload": "POST",
    "create_multipart_upload": "POST",
    "delete_object": "DELETE",
    "get_object": "GET",
    "get_object_tagging": "GET",
    "head_bucket": "HEAD",
    "head_object": "HEAD",
    "list_objects_v2": "GET",
    "list_parts": "GET",
    "put_object": "PUT",
    "upload_part": "PUT",
}
"""The HTTP methods of those that are sent or presigned without boto3."""


def documented_name(operation: str) -> str:
    """Return AWS's own name, such as `PutObject`."""
    return "".join(word.capitalize() for word in operation.split("_"))
