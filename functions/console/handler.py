"""The family's page: a private way in, a story started, watched and played. One short answer a request."""

from shared.console import routes
from shared.wiring import page_entry

run = routes.run
handler = page_entry(run)
