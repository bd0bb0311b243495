"""Pages made of templates (Jinja, everything escaped), and the files that they refer to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.console.http import Answered, Response

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class Pages:
    """`folder` holds `pages/*.html` and `static/*`."""

    def __init__(self, folder: Path) -> None:
        self._static = folder / "static"
        loader = FileSystemLoader(folder / "pages")
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._templates.globals["asset"] = self.address

    def show(self, name: str, status: HTTPStatus = HTTPStatus.OK, /, **values: object) -> Response:
        html = self._templates.get_template(f"{name}.html").render(**values)
        return Response(status, html.encode())

    def address(self, name: str) -> str:
        """The path of a file in `static`. Any change gives all of them new paths, so that browsers may keep them for
        ever; all, because scripts import each other by their bare names.
        """
        return f"/static/{self.version}/{name}"

    def asset(self, version: str, name: str) -> Response:
        body = self._assets.get(name)
        if body is None or version != self.version:
            raise Answered(HTTPStatus.NOT_FOUND, "nothing_here")
        return Response(HTTPStatus.OK, body, TYPES[Path(name).suffix])

    @cached_property
    def version(self) -> str:
        whole = hashlib.sha256()
        for name, body in self._assets.items():
            whole.update(f"{name} {len(body)} ".encode() + body)
        return whole.hexdigest()[:12]

    @cached_property
    def _assets(self) -> Mapping[str, bytes]:
        found = sorted(path for path in self._static.iterdir() if path.suffix in TYPES)
        return {path.name: path.read_bytes() for path in found}
