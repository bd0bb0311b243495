"""The whole of IMS that Echobot touches, callable in process: parameters as on the wire in, reply bodies out.

Every method notes its answer with the account, refuses with VendorError, and is safe to call from many threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from local.engines.contract import Engines
from local.standins.account import Account
from local.standins.errors import VendorError
from local.standins.ims.callbacks import DEFAULT_GUESSES, Callbacks, Guesses
from local.standins.ims.jobs import Tools
from local.standins.ims.places import MediaAccess
from local.standins.ims.producing import Producing
from local.standins.ims.production import Production
from local.standins.ims.smart import Smart
from local.standins.metering import RateLimit, Register, noted
from local.standins.work import DEFAULT_PACE, Pace, Work

SERVICE = "ims"
CALLS_PER_S = 30  # documented for SubmitMediaProducingJob, taken for each action

Params = Mapping[str, str]
Reply = dict[str, object]


class ImsState:
    """Jobs, the callback setting, and `register`: what was billed.

    `notify(queue, body)` sends to MNS and never raises.
    """

    def __init__(
        self,
        account: Account,
        engines: Engines,
        media: MediaAccess,
        notify: Callable[[str, str], None],
        work: Work,
        *,
        pace: Pace = DEFAULT_PACE,
        guesses: Guesses = DEFAULT_GUESSES,
    ) -> None:
        self.account = account
        self.register = Register(account.store, "ims.register")
        self._limit = RateLimit(account.now)
        self._callbacks = Callbacks(account, notify, guesses)
        tools = Tools(account, engines, media, self._callbacks, work, pace, self.register)
        self._producing = Producing(tools)
        self._production = Production(tools)
        self._smart = Smart(tools)

    def submit_media_producing_job(self, params: Params) -> Reply:
        with self._answer("SubmitMediaProducingJob"):
            return self._producing.submit(params)

    def get_media_producing_job(self, job_id: str) -> Reply:
        with self._answer("GetMediaProducingJob", job_id):
            return self._producing.get(job_id)

    def submit_iproduction_job(self, params: Params) -> Reply:
        with self._answer("SubmitIProductionJob"):
            return self._production.submit(params)

    def query_iproduction_job(self, job_id: str) -> Reply:
        with self._answer("QueryIProductionJob", job_id):
            return self._production.query(job_id)

    def submit_asr_job(self, params: Params) -> Reply:
        with self._answer("SubmitASRJob"):
            return self._smart.submit(params)

    def get_smart_handle_job(self, job_id: str) -> Reply:
        with self._answer("GetSmartHandleJob", job_id):
            return self._smart.get(job_id)

    def set_event_callback(self, params: Params) -> Reply:
        with self._answer("SetEventCallback"):
            self._callbacks.set(params)
            return {"Success": True}

    def get_event_callback(self) -> Reply:
        with self._answer("GetEventCallback"):
            return self._callbacks.get()

    @contextmanager
    def _answer(self, action: str, detail: str = "") -> Iterator[None]:
        with noted(self.account, SERVICE, action, detail):
            with self.account.lock:
                if not self._limit.allows(action, CALLS_PER_S):
                    raise VendorError(400, "Throttling.User", "Request was denied due to user flow control.")
            yield
