"""The family's page: a private way in, a story started, watched and played. One short answer a request."""

from shared.console.routes import run
from shared.wiring import page_entry

handler = page_entry(run)
