"""PostObject: an upload straight from an HTML form, signed by its policy (signature V1 or V4) or not at all."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from local.standins.http import Response
from local.standins.oss import signing_v1, signing_v4
from local.standins.oss.access import Right, check_access
from local.standins.oss.addressing import Address, is_virtual_host_of
from local.standins.oss.call import Call
from local.standins.oss.callers import Callers, check_region, check_signature
from local.standins.oss.documents import node, rendered
from local.standins.oss.errors import OssError, invalid_argument
from local.standins.oss.form import Form, parsed_form
from local.standins.oss.metadata import check_key
from local.standins.oss.object_calls import stored_headers
from local.standins.oss.objects import StoredObject
from local.standins.oss.post_policy import check_policy

_STATUSES = ("200", "201", "204")


def post_object(call: Call, callers: Callers) -> Response:
    """Signatures in headers or URL are not looked at, as with the service: only the form's own counts."""
    form = parsed_form(call.headers.get("content-type", ""), call.body)
    bucket = call.state.bucket(call.bucket)
    if form.file is None:
        message = "The name of the file field must be 'file', and there must be exactly one."
        raise OssError(400, "IncorrectNumberOfFilesInPOSTRequest", message)
    key = form.fields.get("key", "").replace("${filename}", form.file_name)
    if not form.fields.get("key"):
        raise invalid_argument("Bucket POST must contain a field named 'key'.", "key", "")
    check_key(key)
    caller = _caller_of(form, callers, call.address)
    check_access(caller, Right.WRITE, bucket, bucket.current(key))
    if "policy" in form.fields:
        now = call.state.account.now()
        check_policy(form.fields["policy"], {**form.fields, "bucket": call.bucket}, len(form.file), now)
    stored = call.state.put(
        call.bucket,
        key,
        form.file,
        _object_headers(form),
        event="ObjectCreated:PostObject",
        forbid_overwrite=form.fields.get("x-oss-forbid-overwrite", "").lower() == "true",
        request_id=call.request_id,
    )
    return _answer(call, form, stored)


def _caller_of(form: Form, callers: Callers, address: Address) -> str | None:
    fields = form.fields
    if "x-oss-signature" in fields or "x-oss-credential" in fields:
        return _v4_caller(form, callers, address)
    if "ossaccesskeyid" not in fields and "signature" not in fields:
        return None
    for name in ("ossaccesskeyid", "signature", "policy"):
        if not fields.get(name):
            raise invalid_argument(f"Bucket POST must contain a field named '{name}'.", name, "")
    expected = signing_v1.sign(callers.secret_of(fields["ossaccesskeyid"]), fields["policy"])
    check_signature(expected, fields["signature"], fields["ossaccesskeyid"], {"StringToSign": fields["policy"]})
    return fields["ossaccesskeyid"]


def _v4_caller(form: Form, callers: Callers, address: Address) -> str:
    fields = form.fields
    for name in ("x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-signature", "policy"):
        if not fields.get(name):
            raise invalid_argument(f"Bucket POST must contain a field named '{name}'.", name, "")
    if fields["x-oss-signature-version"] != signing_v4.ALGORITHM:
        version = fields["x-oss-signature-version"]
        raise invalid_argument("The signature version is not valid.", "x-oss-signature-version", version)
    scope = signing_v4.Scope.of(fields["x-oss-credential"])
    check_region(scope, address)
    signing_v4.seconds_of(fields["x-oss-date"])
    expected = signing_v4.sign(callers.secret_of(scope.access_key_id), scope, fields["policy"])
    check_signature(expected, fields["x-oss-signature"], scope.access_key_id, {"StringToSign": fields["policy"]})
    return scope.access_key_id


def _object_headers(form: Form) -> dict[str, str]:
    """The form's fields double as headers; without `x-oss-content-type` the file part's own type counts."""
    headers = dict(form.fields)
    content_type = headers.get("x-oss-content-type") or headers.get("content-type") or form.file_type
    return {**headers, "content-type": content_type} if content_type else headers


def _answer(call: Call, form: Form, stored: StoredObject) -> Response:
    headers = stored_headers(call, stored)
    etag = f'"{stored.etag}"'
    redirect = form.fields.get("success_action_redirect")
    if redirect:
        told = urlencode({"bucket": call.bucket, "key": stored.key, "etag": etag})
        headers["Location"] = f"{redirect}{'&' if '?' in redirect else '?'}{told}"
        return Response(303, headers)
    status = form.fields.get("success_action_status", "204")
    if status not in _STATUSES:
        status = "204"
    if status != "201":
        return Response(int(status), headers)
    host = call.request.host
    path = stored.key if is_virtual_host_of(host, call.bucket) else f"{call.bucket}/{stored.key}"
    location = f"{call.request.scheme}://{host}/{quote(path)}"
    root = node("PostResponse", Bucket=call.bucket, ETag=etag, Key=stored.key, Location=location)
    return Response(201, {**headers, "Content-Type": "application/xml", "Location": location}, rendered(root))
