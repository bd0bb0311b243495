"""What the engine and the steps need from outside, as small protocols. `shared.clients` fulfils them with the vendors'
SDKs, `local.direct` fulfils them on the stand-ins without a wire; one contract suite holds both to their word.

Every method may raise the errors of `shared.domain.errors` and nothing else: `Retry` only when it certainly did not
happen, `Unknown` when it may have, `Refused` when the input is at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from shared.domain.frozen import frozen

if TYPE_CHECKING:
    from shared.domain.announcement import Announcement

Value = str | int | float | bool
Columns = Mapping[str, Value]
Key = tuple[str, ...]


class Bucket(str, Enum):
    """The three private buckets; settings give their real names."""

    INPUT = "input"
    WORK = "work"
    OUTPUT = "output"


@frozen
class Place:
    """Where an object lives: a bucket of ours and a key in it."""

    bucket: Bucket
    key: str


@frozen
class ObjectInfo:
    key: str
    size: int
    etag: str
    modified_at: float


class Objects(Protocol):
    """Object storage, strongly consistent after each write."""

    def head(self, place: Place) -> ObjectInfo | None: ...

    def read(self, place: Place, start: int = 0, length: int | None = None) -> bytes:
        """The bytes, or a range of them (short at the end). `Refused("object.missing")` when there is none."""

    def write(self, place: Place, body: bytes, content_type: str) -> ObjectInfo: ...

    def write_new(self, place: Place, body: bytes, content_type: str) -> bool:
        """False, and nothing changes, when the key is taken."""

    def copy(self, source: Place, target: Place) -> ObjectInfo:
        """Server side; `Refused("object.missing")` when there is no source. Overwrites."""

    def patch(self, source: Place, target: Place, at: int, removed: int, body: bytes) -> ObjectInfo:
        """A copy, server side, in which `body` stands for the `removed` bytes from `at` on; whole or not at all.
        Overwrites; `Refused("object.missing")` when there is no source. The target is another object.
        """

    def keep(self, url: str, place: Place, limit_mb: int) -> ObjectInfo:
        """Bring a vendor's result into our bucket, streamed, from a trusted host only (`Refused("url.hostile")`)."""

    def share(self, place: Place, lasting_s: int) -> str:
        """A presigned GET url for Model Studio, signed now."""

    def plain_url(self, place: Place) -> str:
        """The unsigned OSS url that IMS reads and writes with its own role."""

    def frame(self, place: Place, at_s: float) -> bytes:
        """One frame of a film as JPEG (OSS `video/snapshot`)."""

    def small_frame(self, place: Place, at_s: float, width: int) -> bytes:
        """The frame at that very moment as PNG, so many pixels wide."""

    def listing(self, bucket: Bucket, prefix: str, after: str = "", limit: int = 1000) -> list[ObjectInfo]:
        """Objects under a prefix in key order, strictly after the key `after`."""

    def delete(self, place: Place) -> None:
        """Gone afterwards, whether it was there or not."""


@frozen
class Form:
    """What a browser posts to put one object: where to, and the fields that go before the file, named `file`."""

    url: str
    fields: Mapping[str, str]


@frozen
class Part:
    """A part of an upload that has arrived."""

    number: int
    size: int
    etag: str


class Uploads(Protocol):
    """Between a browser and the buckets, past our functions. Only the page's function may do this."""

    def hosts(self) -> str:
        """Where our buckets are, as the sources of a content security policy."""

    def form(self, place: Place, content_type: str, bytes_max: int, lasting_s: int, now: float) -> Form:
        """A form signed for this one key, type and size."""

    def begin(self, place: Place, content_type: str) -> str:
        """An upload in parts; its id."""

    def part_urls(self, place: Place, upload: str, numbers: Sequence[int], lasting_s: int) -> list[str]:
        """Where each part is put."""

    def parts(self, place: Place, upload: str) -> list[Part]:
        """What has arrived, in order; `Refused("object.missing")` for an upload that is over or never was."""

    def complete(self, place: Place, upload: str) -> ObjectInfo:
        """The parts that have arrived become the object."""

    def view(self, place: Place, lasting_s: int, file_name: str = "") -> str:
        """A presigned GET url for a browser; with a name it is saved as a file."""


class Table(str, Enum):
    JOBS = "jobs"
    STEPS = "steps"
    EFFECTS = "effects"
    TASKS = "tasks"
    VOICES = "voices"
    STUDIO = "studio"
    WATCH = "watch"
    FAMILIES = "families"
    VISITS = "visits"


class Rows(Protocol):
    """Rows of state. `expect` compares columns; a column that is missing never equals anything."""

    def get(self, table: Table, key: Key) -> Columns | None: ...

    def insert(self, table: Table, key: Key, columns: Columns) -> bool:
        """False, and nothing changes, when the row exists."""

    def update(self, table: Table, key: Key, put: Columns, *, expect: Columns, remove: Sequence[str] = ()) -> None:
        """Change an existing row whose columns are as expected; else `Conflict`."""

    def merge(self, table: Table, key: Key, put: Columns) -> None:
        """Set columns, creating the row when it is absent."""

    def range(
        self,
        table: Table,
        prefix: Key = (),
        *,
        where: Columns | None = None,
        after: Key | None = None,
        limit: int = 5000,
    ) -> list[tuple[Key, Columns]]:
        """Rows whose key starts with `prefix`, in key order, strictly after `after`; all columns of `where` equal."""

    def delete(self, table: Table, key: Key) -> None: ...


class Queue(str, Enum):
    RECHECK = "recheck"
    FAILED = "failed"
    FINISHED = "finished"
    ANNOUNCE = "announce"
    # What could not be delivered to a function, by the queue it came from; nothing empties them but an operator.
    DEAD_IMS = "dead ims"
    DEAD_MODEL_STUDIO = "dead model-studio"
    DEAD_RECHECK = "dead recheck"
    DEAD_FAILED = "dead failed"
    DEAD_ANNOUNCE = "dead announce"


@frozen
class Letter:
    """A message that was taken from a queue: `body` as it lies there; gone only when `receipt` is acknowledged."""

    body: str
    receipt: str


class Queues(Protocol):
    def send(self, queue: Queue, body: str, delay_s: int = 0) -> None:
        """At least once, at the earliest after `delay_s` (0 to 604,800)."""

    def take(self, queue: Queue) -> list[Letter]:
        """Some of the messages that wait, none when none does. Those not acknowledged come back after a while."""

    def acknowledge(self, queue: Queue, receipt: str) -> None:
        """The message is gone afterwards, whether it was there or not."""

    def waiting(self, queue: Queue) -> int:
        """How many messages can be seen in the queue now; 16 means as many or more."""


class Channel(str, Enum):
    """A way to whom a deployment announces ends of jobs."""

    TOPIC = "topic"  # of MNS
    WEBHOOK = "webhook"
    DINGTALK = "dingtalk"
    MAIL = "mail"


class Channels(Protocol):
    """The outside that an operator has named. Only the function `announce` speaks to it."""

    def tell(self, channel: Channel, announcement: Announcement) -> None:
        """Once, not repeated here. Any error means that it may be told again, under the same name."""


class Kind(str, Enum):
    """Which vendor surface answers for an effect."""

    IMS_PRODUCING = "ims.producing"  # SubmitMediaProducingJob
    IMS_PRODUCTION = "ims.production"  # SubmitIProductionJob
    IMS_SMART = "ims.smart"  # SubmitASRJob
    MODEL_STUDIO = "model_studio"  # asynchronous tasks: talking clips
    GENERATION = "model_studio.generation"  # those of request files
    VOICE = "voice"  # CosyVoice enrolment: no event exists, we look again
    NONE = "none"  # answered at once

    @property
    def provider(self) -> str:
        """First key column of the `tasks` table; IMS's three kinds share one name space of job ids."""
        return self.value.partition(".")[0]

    @property
    def has_event(self) -> bool:
        """Whether the vendor announces the end of such a task."""
        return self is not Kind.VOICE


class Fate(str, Enum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    FORGOTTEN = "forgotten"  # the vendor knows no such task (older than 24 h)


@frozen
class Verdict:
    """A vendor's answer about one task. `result` is JSON-able; `error` says what a failure means to us."""

    fate: Fate
    result: Mapping[str, object] = field(default_factory=dict)
    error: Exception | None = None


@frozen
class Film:
    """How a composed film is to be written; without sides it is sound alone, of the kind that its key ends in."""

    width: int
    height: int
    seconds: float


class MediaJobs(Protocol):
    """IMS. Every submission returns IMS's job id; `label` comes back in the completion message (UserData)."""

    def read_captions(self, film: Place, output: Place, label: str) -> str:
        """CaptionExtraction of burnt-in captions into an SRT at `output`. No idempotency token exists."""

    def split_music(self, film: Place, output_prefix: Place, label: str) -> str:
        """MusicDemix; files appear under `output_prefix`. No idempotency token exists."""

    def recognise(self, film: Place, label: str) -> str:
        """ASR. No idempotency token exists."""

    def compose(self, timeline: Mapping[str, object], output: Place, film: Film, token: str, label: str) -> str:
        """Render a timeline; repeating it with the same token (<= 64 ASCII) gives the same job id."""

    def verdict(self, kind: Kind, ims_job_id: str) -> Verdict:
        """One query. Results: producing `{"seconds": float}`, production `{"keys": [...]}` (keys of our work
        bucket), smart `{"sentences": [{"text", "start_ms", "end_ms"}]}`.
        """


@frozen
class Spoken:
    """`wav` is RIFF, mono, signed 16 bit; `characters` as the vendor counted them for billing."""

    wav: bytes
    characters: int


@frozen
class EnrolledVoice:
    voice_id: str
    created: str


class Voices(Protocol):
    """CosyVoice."""

    def enrol(self, model: str, prefix: str, sample_url: str, language: str) -> str:
        """Voice id at once; usable when its verdict is SUCCEEDED. `Refused("voice.…")` for a bad sample."""

    def verdict(self, voice_id: str) -> Verdict: ...

    def enrolled(self, prefix: str) -> list[EnrolledVoice]:
        """All voices of this prefix, oldest first."""

    def delete(self, voice_id: str) -> None:
        """Gone afterwards, whether it was there or not."""

    def speak(
        self, model: str, voice_id: str, text: str, *, rate: float, seed: int, is_ssml: bool = False
    ) -> Spoken: ...


Box = tuple[int, int, int, int]


@frozen
class Face:
    """Boxes in pixels of the photo: x1, y1, x2, y2. Engines that need no boxes give None."""

    face_bbox: Box | None
    ext_bbox: Box | None


@frozen
class TaskSeen:
    """A task as the vendor's account-wide list shows it."""

    task_id: str
    submitted_at: float
    status: str


class Avatars(Protocol):
    """Talking-portrait models of Model Studio. `model` is the vendor's model name, so deployed instances work too."""

    def detect(self, engine: str, model: str, photo_url: str, ratio: str) -> Face:
        """`Refused("photo.…")` when the photo will not do, `Offline` when the model is switched off."""

    def animate(self, engine: str, model: str, photo_url: str, speech_url: str, face: Face, style: str) -> str:
        """Task id. No idempotency token exists: after an `Unknown`, look with `tasks`."""

    def verdict(self, task_id: str) -> Verdict:
        """One query. Result: `{"url": str, "seconds": float, "ratio": str}`."""

    def cancel(self, task_id: str) -> bool:
        """Take back a task that still queues; False when it is too late for that: it runs, has ended or is unknown."""

    def tasks(self, model: str, since: float, until: float) -> list[TaskSeen]:
        """Tasks of this model submitted in the window, by anyone on the account."""


class Generators(Protocol):
    """Any model of the catalogue, by its name there; `body` is the vendor's document, with urls signed now."""

    def check(self, model: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """What a check found, its `output`; `Refused("photo.…")` when the picture will not do, `Offline` when the model
        is switched off. It is billed either way.
        """

    def submit(self, model: str, body: Mapping[str, object]) -> str:
        """Task id. No idempotency token exists: after an `Unknown`, look with `Avatars.tasks`."""

    def verdict(self, task_id: str) -> Verdict:
        """One query. Result: `{"url", "template_id", "seconds", "ratio", "usage", "output"}`, urls only in `url`.
        What the model found wrong with the request is `Refused("request.refused")`.
        """


@frozen
class MediaFacts:
    """What a file says of itself; zero or empty where it says nothing.

    `container` in the words of file endings: `mp4`, `mov`, `wav`, `mp3`, `jpeg`, `png`, `bmp`, `webp`; an m4a is
    an `mp4` without video. Width and height are those that are seen, also of a film that is stored on its side;
    `pixel_ratio` is a pixel's width by its height.
    """

    container: str
    seconds: float = 0.0
    has_video: bool = False
    has_audio: bool = False
    width: int = 0
    height: int = 0
    fps: float = 0.0
    pixel_ratio: float = 1.0
    video_codec: str = ""
    audio_codec: str = ""
    sample_rate: int = 0
    bits: int = 0
    is_image: bool = False


class Probe(Protocol):
    def facts(self, place: Place) -> MediaFacts:
        """Read as little of the object as needed; never decodes. An unreadable file has container `""`."""


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch."""

    def wait(self, seconds: float) -> None:
        """Let so much time pass. Only for a moment: nothing waits for a vendor."""


class Ids(Protocol):
    def token(self) -> str:
        """32 hexadecimal digits nobody has seen before."""

    def fraction(self) -> float:
        """Uniform in [0, 1), for jitter."""


Log = Callable[[str, Mapping[str, object]], None]
"""One canonical line: an event name and its fields; secrets are redacted behind it."""
