"""Every key in our three buckets, built from checked parts and read back into them; never altered, only refused.

Apart, because a key is where a family's text meets our storage: no other module joins strings into a key.

A name that is not ours to use raises `Refused("key.hostile")`; a well-formed key of an unknown file raises
`Refused("key.unknown", name=...)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from shared.domain.errors import Refused
from shared.domain.frozen import frozen

INBOX = "inbox/"
NARRATORS = "narrators/"
REQUESTS = "requests/"
STEPS = "steps/"
JOBS = "jobs/"
ALARMS = "alarms/"
STORIES = "stories/"
RESULTS = "results/"

KEY_BYTES_MAX = 1023  # OSS

REQUEST_JOB = "request--"
"""A request is a job, too; its name begins like this, and no story's may."""

EDITIONS_MAX = 99

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")
_EDITION = re.compile(r"(.+)\.v([2-9]|[1-9][0-9])")
_JOB = re.compile(rf"{_ID.pattern}(?:\.v(?:[2-9]|[1-9][0-9]))?")
_ITEM = re.compile(r"[0-9]{4}|[a-z]{2,16}")
_STEP = re.compile(r"[a-z]{2,32}")
_FILE = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,62}[a-z0-9])?")
_PARTS_MAX = 4


class Owner(str, Enum):
    """Whose upload it is: one story's, or a narrator's for many stories."""

    INBOX = "inbox"
    NARRATOR = "narrator"


class Asset(str, Enum):
    """What an upload is. Its file is named after it, but for the two in `_STEMS`."""

    FILM = "film"
    VOICE = "voice"
    PHOTO = "photo"
    PORTRAIT = "portrait"
    CONSENT = "consent"
    OPTIONS = "options"
    CAPTIONS = "captions"
    MUSIC = "music"
    YES = "yes"
    EDITS = "edits"


EXTENSIONS: dict[Asset, tuple[str, ...]] = {
    Asset.FILM: ("mp4",),
    Asset.VOICE: ("wav", "mp3", "m4a"),
    Asset.PHOTO: ("jpg", "jpeg", "png", "bmp", "webp"),
    Asset.PORTRAIT: ("mp4",),
    Asset.CONSENT: ("json",),
    Asset.OPTIONS: ("json",),
    Asset.CAPTIONS: ("srt",),
    Asset.MUSIC: ("mp3",),
    Asset.YES: ("json",),
    Asset.EDITS: ("json",),
}
CONTENT_TYPES: dict[str, str] = {
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "srt": "application/x-subrip",
    "json": "application/json",
}
"""What an upload is said to be, by its ending."""

OF_A_NARRATOR = (Asset.VOICE, Asset.PHOTO, Asset.PORTRAIT, Asset.CONSENT)
_STEMS = {Asset.FILM: "story", Asset.OPTIONS: "job"}
_PREFIXES = {Owner.INBOX: INBOX, Owner.NARRATOR: NARRATORS}


@frozen
class Upload:
    """A file that a family put; `name` is the job or the narrator it belongs to."""

    owner: Owner
    name: str
    asset: Asset
    extension: str

    @property
    def file(self) -> str:
        return f"{_STEMS.get(self.asset, self.asset.value)}.{self.extension}"

    @property
    def key(self) -> str:
        return f"{_PREFIXES[self.owner]}{self.name}/{self.file}"


@frozen
class Wake:
    """Which step to look at; `item` is empty for a step that does not fan out."""

    step: str
    job: str
    item: str = ""


@frozen
class Made:
    """Something we made: `owner` is the job or the request, `name` the rest of the key."""

    area: str
    owner: str
    name: str


# --- what families put


def upload(owner: Owner, name: str, asset: Asset, extension: str) -> str:
    """The key of an upload."""
    _matching(_ID, name)
    if extension not in _extensions(owner, asset):
        raise Refused("key.unknown", name=f"{asset.value}.{extension}")
    return Upload(owner, name, asset, extension).key


def parse_upload(key: str) -> Upload:
    """What was put under `inbox/` or `narrators/`."""
    parts = _parts(key)
    owner = next((owner for owner, prefix in _PREFIXES.items() if parts[0] == prefix[:-1]), None)
    if owner is None or len(parts) < 3:
        raise Refused("key.unknown", name=key)
    name = _matching(_ID, parts[1])
    if name.startswith(REQUEST_JOB):
        raise Refused("key.hostile")
    found = _UPLOADS.get("/".join(parts[2:]))
    if found is None or found[1] not in _extensions(owner, found[0]):
        raise Refused("key.unknown", name="/".join(parts[2:]))
    return Upload(owner, name, *found)


def is_folder(key: str) -> bool:
    """Consoles put an empty object to show an empty folder; it is nobody's upload."""
    return key.endswith("/")


def inbox(job: str) -> str:
    """Prefix of a job's uploads."""
    return f"{INBOX}{_matching(_JOB, job)}/"


def narrator(name: str) -> str:
    """Prefix of a narrator's uploads."""
    return f"{NARRATORS}{_matching(_ID, name)}/"


def request(request_id: str) -> str:
    request_job(request_id)
    return f"{REQUESTS}{request_id}.json"


def parse_request(key: str) -> str:
    """The request's id."""
    parts = _parts(key)
    if len(parts) != 2 or parts[0] != REQUESTS[:-1] or not parts[1].endswith(".json"):
        raise Refused("key.unknown", name=key)
    request_id = _matching(_ID, parts[1].removesuffix(".json"))
    request_job(request_id)
    return request_id


def request_job(request_id: str) -> str:
    """The job that runs a request."""
    return _matching(_ID, f"{REQUEST_JOB}{_matching(_ID, request_id)}")


def request_of(job_id: str) -> str:
    """The request that a job runs; empty for a story."""
    return job_id.removeprefix(REQUEST_JOB) if job_id.startswith(REQUEST_JOB) else ""


def edition(story_job: str, number: int) -> str:
    """The job that tells a corrected story; the first edition is the story's own job. No upload's name has a dot."""
    if not 1 <= number <= EDITIONS_MAX:
        raise Refused("key.hostile")
    return _matching(_ID, story_job) if number == 1 else _matching(_JOB, f"{story_job}.v{number}")


def edition_of(job_id: str) -> tuple[str, int]:
    """The story's own job, and which edition of it a job tells."""
    found = _EDITION.fullmatch(job_id)
    return (found[1], int(found[2])) if found else (job_id, 1)


def input_key(key: str) -> str:
    """A key of the input bucket that a request names as one of its files; as it came, or `key.hostile`."""
    if is_folder(key):
        raise Refused("key.hostile")
    return "/".join(_parts(key))


# --- what wakes a step


def wake(step: str, job: str, item: str = "") -> str:
    """The key whose object wakes a step."""
    head = f"{STEPS}{_matching(_STEP, step)}/{_matching(_JOB, job)}"
    return f"{head}/{_matching(_ITEM, item)}.json" if item else f"{head}.json"


def wakes(step: str, job: str) -> tuple[str, str]:
    """The key that wakes a whole step of a job, and the prefix of those that wake its items."""
    whole = wake(step, job)
    return whole, f"{whole.removesuffix('.json')}/"


def parse_wake(key: str) -> Wake:
    parts = _parts(key)
    if parts[0] != STEPS[:-1] or len(parts) not in {3, 4} or not key.endswith(".json"):
        raise Refused("key.unknown", name=key)
    step, job, *item = [*parts[1:-1], parts[-1].removesuffix(".json")]
    return Wake(_matching(_STEP, step), _matching(_JOB, job), _matching(_ITEM, item[0]) if item else "")


# --- what an operator hears


def alarms(kind: str) -> str:
    """Prefix of the alarms of a kind."""
    return f"{ALARMS}{_matching(_ID, kind)}/"


def alarm(kind: str, about: str) -> str:
    """Where an alarm stands; `about` is a job, a vendor or a queue."""
    return f"{alarms(kind)}{_matching(_FILE, about)}.json"


# --- what we make


def made(area: str, owner: str, name: str) -> str:
    """A key under `jobs/`, `stories/` or `results/`; `name` may have folders. It never leaves its prefix."""
    if area not in _AREAS:
        raise Refused("key.hostile")
    names = name.split("/")
    if len(names) > _PARTS_MAX:
        raise Refused("key.hostile")
    return "/".join([area[:-1], _matching(_JOB, owner), *(_matching(_FILE, part) for part in names)])


def parse_made(key: str) -> Made:
    parts = _parts(key)
    if f"{parts[0]}/" not in _AREAS or len(parts) < 3:
        raise Refused("key.unknown", name=key)
    found = Made(f"{parts[0]}/", parts[1], "/".join(parts[2:]))
    made(found.area, found.owner, found.name)
    return found


def job(job_id: str) -> str:
    """Prefix of a job's intermediate assets."""
    return f"{JOBS}{_matching(_JOB, job_id)}/"


def is_for_corrections(job_id: str, key: str) -> bool:
    """Whether an intermediate asset is what a corrected story need not buy again."""
    name = key.removeprefix(job(job_id))
    return name == "script.json" or name.startswith(("takes/", "speech/", "clips/", "stems/"))


def job_captions(job_id: str) -> str:
    return made(JOBS, job_id, "captions.srt")


def job_read_captions(job_id: str) -> str:
    """What was read in the picture, where the vendor writes it."""
    return made(JOBS, job_id, "captions.read.srt")


def job_clean_captions(job_id: str) -> str:
    """The captions as they are spoken, for burning in."""
    return made(JOBS, job_id, "captions.clean.srt")


def job_taste_captions(job_id: str) -> str:
    """The taste's, likewise."""
    return made(JOBS, job_id, "captions.taste.srt")


def job_request(job_id: str) -> str:
    """The request as it was when its job opened."""
    return made(JOBS, job_id, "request.json")


def job_directions(job_id: str) -> str:
    """How single captions of a corrected story are to be told."""
    return made(JOBS, job_id, "directions.json")


def job_script(job_id: str) -> str:
    return made(JOBS, job_id, "script.json")


def stems(job_id: str) -> str:
    """Prefix under which the separated music and voice appear; the vendor chooses the names."""
    return f"{job(job_id)}stems/"


def job_take(job_id: str, number: int, take: int) -> str:
    """One reading of one cue."""
    return made(JOBS, job_id, f"takes/{number:04}-{take}.wav")


def job_speech(job_id: str, item: str) -> str:
    return made(JOBS, job_id, f"speech/{_matching(_ITEM, item)}.wav")


def job_clip(job_id: str, item: str) -> str:
    return made(JOBS, job_id, f"clips/{_matching(_ITEM, item)}.mp4")


def job_piece(job_id: str, item: str, start_ms: int, end_ms: int) -> tuple[str, str]:
    """The speech and the clip of a part of a segment, from and to."""
    name = f"{_matching(_ITEM, item)}-{start_ms}-{end_ms}"
    return made(JOBS, job_id, f"speech/{name}.wav"), made(JOBS, job_id, f"clips/{name}.mp4")


def job_film(job_id: str) -> str:
    """The composed film before it is published."""
    return made(JOBS, job_id, "story.mp4")


def job_taste(job_id: str) -> str:
    """The composed taste before it is shown."""
    return made(JOBS, job_id, "taste.mp4")


def job_still(job_id: str, item: str, start_ms: int) -> str:
    """How a segment's clip, or the part of it from there, begins."""
    return made(JOBS, job_id, f"stills/{_matching(_ITEM, item)}-{start_ms}.jpg")


def job_mask(job_id: str) -> str:
    """What of the portrait is shown."""
    return made(JOBS, job_id, "mask.mp4")


def job_tone(job_id: str) -> str:
    """The label, to be heard."""
    return made(JOBS, job_id, "tone.wav")


def job_opening(job_id: str) -> str:
    """How the composed film begins to sound."""
    return made(JOBS, job_id, "opening.wav")


def job_labelled(job_id: str) -> str:
    """The composed film with the label in its metadata."""
    return made(JOBS, job_id, "labelled.mp4")


def job_taste_opening(job_id: str) -> str:
    """How the composed taste begins to sound."""
    return made(JOBS, job_id, "taste.opening.wav")


def job_taste_labelled(job_id: str) -> str:
    """The composed taste with the label in its metadata."""
    return made(JOBS, job_id, "taste.labelled.mp4")


def job_evidence(job_id: str, name: str) -> str:
    return made(JOBS, job_id, f"evidence/{name}")


def story(job_id: str) -> str:
    """Prefix of what a family gets back; a corrected story lies in a folder of its own beside the first."""
    base, number = edition_of(job_id)
    return f"{STORIES}{_matching(_ID, base)}/" + (f"v{number}/" if number > 1 else "")


def story_film(job_id: str) -> str:
    return _told(job_id, "story.mp4")


def story_captions(job_id: str) -> str:
    return _told(job_id, "captions.srt")


def story_taste(job_id: str) -> str:
    """The taste, until the whole story is there."""
    return _told(job_id, "taste.mp4")


def story_taste_captions(job_id: str) -> str:
    return _told(job_id, "taste.srt")


def story_cover(job_id: str) -> str:
    return _told(job_id, "cover.jpg")


def story_report(job_id: str) -> str:
    return _told(job_id, "report.json")


def story_status(job_id: str) -> str:
    """Where the job stands, for its family's page."""
    return _told(job_id, "status.json")


def story_quote(job_id: str) -> str:
    """What the story will cost, told before anything is paid for."""
    return _told(job_id, "quote.json")


def story_page(job_id: str) -> str:
    """The report as a page."""
    return _told(job_id, "report.html")


def story_error(job_id: str) -> str:
    return _told(job_id, "error.json")


def error(job_id: str) -> str:
    """Where the words stand that say why a job came to nothing."""
    request_id = request_of(job_id)
    return result(request_id, "error.json") if request_id else story_error(job_id)


def handed_over(job_id: str) -> str:
    """Prefix of what a job gives back: a story, or the result of a request."""
    request_id = request_of(job_id)
    return f"{RESULTS}{_matching(_ID, request_id)}/" if request_id else story(job_id)


def put_by_family(job_id: str) -> str:
    """Prefix of what was uploaded for a job: a story's folder, or the request's own file."""
    request_id = request_of(job_id)
    return request(request_id) if request_id else inbox(job_id)


def result(request_id: str, name: str) -> str:
    """A result of a Model Studio request."""
    return made(RESULTS, request_id, name)


def music_of(keys: Iterable[str]) -> str:
    """The one of the separated stems that is the music; empty when none is.

    MusicDemix's names are documented nowhere: a name that speaks of music counts, one that speaks of a voice does not,
    and beside a voice alone the other stem is the music whatever its name.
    """
    stems = sorted(keys)
    others = [key for key in stems if not _VOICE.search(_stem_name(key))]
    named = [key for key in others if _MUSIC.search(_stem_name(key))]
    unnamed = others if len(stems) == 2 and len(others) == 1 else []
    return next(iter(named or unnamed), "")


_AREAS = (JOBS, STORIES, RESULTS)
_UPLOADS = {
    Upload(Owner.INBOX, "", asset, extension).file: (asset, extension)
    for asset, extensions in EXTENSIONS.items()
    for extension in extensions
}
_MUSIC = re.compile(r"accomp|music|bgm|inst|background")
_VOICE = re.compile(r"vocal|voice|speech")
_NO_VOICE = re.compile(r"non?[-_]?(?:vocal|voice|speech)s?")
_CLEAN = re.compile(r"[\x20-\x5b\x5d-\x7e]+")


def _parts(key: str) -> list[str]:
    parts = key.split("/")
    if len(key) > KEY_BYTES_MAX or not _CLEAN.fullmatch(key) or any(part in {"", ".", ".."} for part in parts):
        raise Refused("key.hostile")
    return parts


def _told(job_id: str, name: str) -> str:
    base, number = edition_of(job_id)
    return made(STORIES, base, name if number == 1 else f"v{number}/{name}")


def _stem_name(key: str) -> str:
    return _NO_VOICE.sub("music", key.rpartition("/")[2].lower())


def _matching(pattern: re.Pattern[str], name: str) -> str:
    # A file name may hold dots, but never two in a row.
    if not pattern.fullmatch(name) or ".." in name:
        raise Refused("key.hostile")
    return name


def _extensions(owner: Owner, asset: Asset) -> tuple[str, ...]:
    return EXTENSIONS[asset] if owner is Owner.INBOX or asset in OF_A_NARRATOR else ()
