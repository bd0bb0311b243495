"""The refusals of OSS, with the status, code and message the service gives.

Source: help.aliyun.com "OSS error responses" and the `EC` pages; `ec` is filled in only where a page or the
vendor's own tests name it.
"""

from __future__ import annotations

from collections.abc import Mapping


class OssError(Exception):
    """`details` become further elements of the error document, `headers` go onto the response."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        ec: str = "",
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = dict(details or {})
        self.headers = dict(headers or {})
        self.ec = ec


def no_such_bucket(bucket: str) -> OssError:
    details = {"BucketName": bucket}
    return OssError(404, "NoSuchBucket", "The specified bucket does not exist.", details=details, ec="0015-00000101")


def no_such_key(key: str, headers: Mapping[str, str] | None = None) -> OssError:
    message = "The specified key does not exist."
    return OssError(404, "NoSuchKey", message, details={"Key": key}, headers=headers, ec="0026-00000001")


def no_such_version(key: str, version_id: str) -> OssError:
    details = {"Key": key, "VersionId": version_id}
    return OssError(404, "NoSuchVersion", "The specified version does not exist.", details=details)


def no_such_upload(upload_id: str) -> OssError:
    message = (
        "The specified upload does not exist. The upload ID may be invalid, "
        "or the upload may have been aborted or completed."
    )
    return OssError(404, "NoSuchUpload", message, details={"UploadId": upload_id})


def access_denied(message: str, details: Mapping[str, str] | None = None, ec: str = "") -> OssError:
    return OssError(403, "AccessDenied", message, details=details, ec=ec)


def invalid_argument(message: str, name: str = "", value: str = "") -> OssError:
    details = {"ArgumentName": name, "ArgumentValue": value} if name else {}
    return OssError(400, "InvalidArgument", message, details=details)


def malformed_xml() -> OssError:
    message = "The XML you provided was not well-formed or did not validate against our published schema."
    return OssError(400, "MalformedXML", message)


def precondition_failed(condition: str) -> OssError:
    message = "At least one of the pre-conditions you specified did not hold."
    return OssError(412, "PreconditionFailed", message, details={"Condition": condition})


def not_modified(headers: Mapping[str, str]) -> OssError:
    return OssError(304, "NotModified", "Not Modified", headers=headers)


def file_already_exists() -> OssError:
    message = "The object you specified already exists and can not be overwritten."
    return OssError(409, "FileAlreadyExists", message)


def not_implemented(what: str) -> OssError:
    return OssError(400, "NotImplemented", f"A header or parameter you provided is not implemented here: {what}")
