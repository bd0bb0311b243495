"""The wire protocol of OSS: finds out who asks for what, hands it on, and dresses the answer or the refusal."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial

from local.standins.http import Request, Response
from local.standins.oss import cors
from local.standins.oss.access import Right, check_access
from local.standins.oss.addressing import Address, address_of
from local.standins.oss.call import Call
from local.standins.oss.callers import SKEW_S_MAX, Callers
from local.standins.oss.documents import node, rendered
from local.standins.oss.errors import OssError, access_denied
from local.standins.oss.post_object import post_object
from local.standins.oss.routes import NOT_HERE, Route, route_of
from local.standins.oss.state import OssState

NO_BODY = (204, 304)


class OssApi:
    """Every request in, every answer out. `skew_s_max` None switches the check of header dates off (see `Callers`)."""

    def __init__(self, state: OssState, skew_s_max: float | None = SKEW_S_MAX) -> None:
        self.state = state
        self._callers = Callers(state.account, skew_s_max)

    def handle(self, request: Request) -> Response:
        account = self.state.account
        request_id = account.new_id()
        address = address_of(request.host, request.raw_path, self.state.bucket_names())
        operation = request.method
        try:
            operation, answer = self._recognised(request, address)
            response = answer(request_id)
        except OssError as error:
            response = _refusal(error, request, request_id)
        self._dress(response, request, address, request_id)
        account.note("oss", operation, response.status, f"{address.bucket}/{address.key}")
        return response

    def _recognised(self, request: Request, address: Address) -> tuple[str, Callable[[str], Response]]:
        """The operation's name, and what answers it once given a request id."""
        if request.method == "OPTIONS":
            return "OptionObject", lambda _: cors.preflight(request, self._cors_rules(address))
        if _is_form(request, address):
            return "PostObject", partial(self._post_object, request, address)
        route = route_of(request, address, request.query)
        return route.operation, partial(self._answer, route, request, address)

    def _answer(self, route: Route, request: Request, address: Address, request_id: str) -> Response:
        caller = self._callers.caller_of(request, address)
        call = Call(self.state, request, address, caller, request_id, request.query)
        if caller is None:
            self._check_anonymous(route, address)
        return route.answer(call)

    def _post_object(self, request: Request, address: Address, request_id: str) -> Response:
        return post_object(Call(self.state, request, address, None, request_id, request.query), self._callers)

    def _check_anonymous(self, route: Route, address: Address) -> None:
        if route.right is Right.OWN:
            raise access_denied("Anonymous access is forbidden for this operation.")
        bucket = self.state.bucket(address.bucket)
        check_access(None, route.right, bucket, bucket.current(address.key))

    def _cors_rules(self, address: Address) -> tuple[cors.Rule, ...]:
        if address.bucket not in self.state.bucket_names():
            return (cors.PERMISSIVE,)
        document = self.state.bucket(address.bucket).configurations.get("cors")
        return cors.rules_of(document) if document else (cors.PERMISSIVE,)

    def _dress(self, response: Response, request: Request, address: Address, request_id: str) -> None:
        response.headers |= {"Server": "AliyunOSS", "x-oss-request-id": request_id, "x-oss-server-time": "1"}
        if request.method != "OPTIONS" and "origin" in request.headers:
            response.headers |= cors.granted(request, self._cors_rules(address))
        if response.status not in NO_BODY:
            response.headers.setdefault("Content-Length", str(len(response.body)))


def _is_form(request: Request, address: Address) -> bool:
    """A POST to the bucket itself that is no call with a sub-resource."""
    is_bucket_post = request.method == "POST" and bool(address.bucket) and not address.key
    return is_bucket_post and not {"delete", *NOT_HERE}.intersection(request.query)


def _refusal(error: OssError, request: Request, request_id: str) -> Response:
    texts = {"Code": error.code, "Message": error.message, "RequestId": request_id, "HostId": request.host}
    if error.ec:
        texts["EC"] = error.ec
    body = rendered(node("Error", **{**texts, **error.details}))
    headers = {"Content-Type": "application/xml", **error.headers}
    if error.ec:
        headers["x-oss-ec"] = error.ec
    if error.status == 304:
        return Response(304, error.headers)
    if request.method == "HEAD":
        # a HEAD has no body to explain itself in; SDKs look here
        headers["x-oss-err"] = base64.b64encode(body).decode()
        return Response(error.status, headers)
    return Response(error.status, headers, body)
