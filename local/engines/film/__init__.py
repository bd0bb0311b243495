"""Renders an IMS timeline with ffmpeg, in one pass."""

from local.engines.film.render import render

__all__ = ["render"]
