"""The door: what a family has uploaded is looked at as a whole, each time something arrives, in whatever order.

There is nothing to register and no order to get wrong: the listing of the job's folder is the truth (OSS lists
consistently after each write), and the job opens by one conditional write. A job refused here has cost nothing and
opens as soon as the right files are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from itertools import chain

from shared.domain import cues, keys, manifest, wave
from shared.domain.catalogue.files import FileFacts
from shared.domain.errors import Conflict, EchobotError, Refused, of_reader
from shared.domain.frozen import frozen
from shared.domain.job import JobState
from shared.domain.keys import Asset, Owner, Upload
from shared.domain.options import OPTIONS_BYTES_MAX, Options, read_options, write_options
from shared.domain.readers import asset_of
from shared.engine import agenda, asking, status, wakes, waking
from shared.engine.ending import turn_away, write_error
from shared.engine.records import Asset as Kept
from shared.engine.records import Job, at_door, dump, found_or_new, models_of, move_job
from shared.engine.world import World
from shared.ports import Bucket, Columns, MediaFacts, ObjectInfo, Place
from shared.steps import quoting, redoing

LOOKS_MAX = 4

Checked = dict[tuple[str, str], Mapping[str, float] | Refused]
"""What was found in files, by key and etag."""


@frozen
class Found:
    """A look into the folder: what is there, what is wrong with it, what is missing, and what the film is like."""

    assets: Mapping[str, Kept]
    options: Options
    problems: tuple[EchobotError, ...] = ()
    missing: tuple[str, ...] = ()
    film: Mapping[str, float] | None = None

    @property
    def narrators(self) -> tuple[str, ...]:
        """Whose files are looked at beside the job's own: its narrator, perhaps nobody, and those who read beside."""
        return (self.options.narrator or "", *self.options.readers)


def look(world: World, job_id: str) -> JobState | None:
    """Look at a job's folder and open, refuse or keep collecting; None when the job has left the door already."""
    checked: Checked = {}
    for _ in range(LOOKS_MAX):
        job = found_or_new(world, job_id)
        if job.state is JobState.ERASED:
            # A dead letter from before the erasure may have put a wake; nothing is to name the job any more.
            world.objects.delete(Place(Bucket.WORK, wakes.wake_key(job_id, "intake")))
        if not job.is_at_door:
            if not (asking.hear(world, job_id) or redoing.look(world, job_id)):
                redoing.answer_early(world, job)
                return None
            status.tell(world, job_id)
            return JobState.OPEN
        try:
            state = _settle(world, job, _examine(world, job_id, checked))
        except Conflict:
            continue  # another upload of the same job was looked at meanwhile: look again
        status.tell(world, job_id)
        return state
    raise Conflict("row.moved", f"{job_id} kept moving")


def look_for_narrator(world: World, name: str) -> None:
    """A narrator's file came: jobs that wait for that narrator, or were refused for what was there, may open now."""
    for job_id in at_door(world, name):
        look(world, job_id)


def answer_stranger(world: World, key: str, error: Refused) -> None:
    """A key that is none of ours. Within a job's folder the family is told; elsewhere only the log hears of it."""
    parts = key.split("/")
    world.log("strange key", {"code": error.code, "key": key[:200]})
    if parts[0] != keys.INBOX.rstrip("/") or len(parts) < 3:
        return
    try:
        job_id = keys.parse_made(keys.story_error(parts[1])).owner
    except Refused:
        return  # the folder's own name cannot be used, so there is nowhere to put an answer
    job = found_or_new(world, job_id)
    if job.state is JobState.COLLECTING and look(world, job_id) is JobState.COLLECTING:
        write_error(world, job_id, JobState.COLLECTING, [error])


def _settle(world: World, job: Job, found: Found) -> JobState:
    narrator, *readers = found.narrators
    seen: dict[str, str | int | float | bool] = {"seen_at": world.clock.now(), "narrator": narrator}
    if readers or job.readers:
        seen["readers"] = " ".join(readers)
    # The job must be found by a narrator's file that comes later, and by the sweep if that has given up waiting.
    agenda.put(world, job.job_id, found.narrators)
    if found.problems:
        return turn_away(world, job, found.problems, seen)
    if found.missing:
        move_job(world, job, JobState.COLLECTING, seen, f"waits for {', '.join(found.missing)}")
        return JobState.COLLECTING
    opened: Columns = {
        **seen,
        "opened_at": world.clock.now(),
        "family": found.options.family,
        "options": write_options(found.options).decode(),
        "assets": dump({name: asdict(asset) for name, asset in found.assets.items()}),
        "film": dump(found.film),
        "models": dump(models_of(world.settings)),
    }
    world.objects.delete(Place(Bucket.OUTPUT, keys.story_error(job.job_id)))
    files = ", ".join(sorted(found.assets))
    told = replace(job, options=found.options, assets=found.assets, film=found.film or {}, readers=tuple(readers))
    if quoting.tell(world, told):
        asking.ask(world, job, {**opened, "opened_at": 0.0}, f"whole with {files}, waits for a yes")
        return JobState.ASKED
    move_job(world, job, JobState.OPEN, opened, f"opened with {files}")
    waking.wake_ready(world, job.job_id, "opened")
    return JobState.OPEN


def _examine(world: World, job_id: str, checked: Checked) -> Found:
    """Everything wrong with what is there is found in one go, so that a family need not come back for each."""
    own, infos = _listing(world, keys.inbox(job_id))
    problems: list[EchobotError] = []
    options = Options()
    for upload in own:
        if upload.asset is Asset.OPTIONS:
            try:
                options = read_options(_document(world, upload))
            except Refused as error:
                problems.append(error)
    saved = {name: _listing(world, keys.narrator(name)) for name in (options.narrator, *options.readers) if name}
    theirs = saved[options.narrator][0] if options.narrator else []
    of_readers = {name: saved[name][0] for name in options.readers}
    for _, their_infos in saved.values():
        infos.update(their_infos)
    facts: dict[str, float] = {}
    for upload in [*own, *theirs, *chain.from_iterable(of_readers.values())]:
        found = _checked(world, upload, infos[upload.key], checked)
        if isinstance(found, Refused):
            is_other = upload.owner is Owner.NARRATOR and upload.name in options.readers
            problems.append(of_reader(found, upload.name) if is_other else found)
        else:
            facts.update(found)
    try:
        required = world.settings.consent_required
        whole = manifest.collect(own, options, consent_required=required, of_narrator=theirs, of_readers=of_readers)
    except Refused as error:
        return Found({}, options, (*problems, error))
    if isinstance(whole, manifest.Missing):
        if whole.names == (Asset.CONSENT.value,):
            # All else is there: without a word the family would wait for ever. It opens when the consent comes.
            problems.append(Refused("consent.missing"))
        return Found({}, options, tuple(problems), whole.names)
    kept = {asset.value: _kept(infos[upload.key]) for asset, upload in whole.uploads.items()}
    for name, files in whole.of_readers.items():
        kept.update({asset_of(asset.value, name): _kept(infos[upload.key]) for asset, upload in files.items()})
    return Found(kept, whole.options, tuple(problems), (), facts)


def _listing(world: World, prefix: str) -> tuple[list[Upload], dict[str, ObjectInfo]]:
    """The uploads of a folder; files that are none of ours were answered when they came."""
    infos = {info.key: info for info in world.objects.listing(Bucket.INPUT, prefix)}
    uploads = []
    for key in infos:
        try:
            uploads.append(keys.parse_upload(key))
        except Refused:
            continue
    return uploads, infos


def _document(world: World, upload: Upload) -> bytes:
    """Of a larger file only so much that it is refused: it may have gigabytes."""
    return world.objects.read(Place(Bucket.INPUT, upload.key), 0, OPTIONS_BYTES_MAX + 1)


def _checked(world: World, upload: Upload, info: ObjectInfo, checked: Checked) -> Mapping[str, float] | Refused:
    """Uploads that come together are looked at by as many functions, of which all but one have to look again."""
    known = info.key, info.etag
    if known not in checked:
        try:
            checked[known] = _check(world, upload, info)
        except Refused as error:
            checked[known] = error
    return checked[known]


def _check(world: World, upload: Upload, info: ObjectInfo) -> Mapping[str, float]:
    """Refuse a file that will not do; what is worth knowing of the film."""
    place = Place(Bucket.INPUT, upload.key)
    if upload.asset is Asset.CONSENT:
        manifest.read_consent(_document(world, upload))
    elif upload.asset is Asset.CAPTIONS:
        cues.read_srt(world.objects.read(place, 0, cues.FILE_BYTES_MAX + 1))
    elif upload.asset is Asset.FILM:
        return _check_film(world, place, info)
    elif upload.asset is Asset.VOICE:
        _check_voice(world, place, info)
    elif upload.asset is Asset.PHOTO:
        facts = world.probe.facts(place)
        manifest.check_photo(container=facts.container, width=facts.width, height=facts.height, size=info.size)
    elif upload.asset is Asset.PORTRAIT:
        manifest.check_portrait(_file_facts(world.probe.facts(place), info))
    elif upload.asset is Asset.MUSIC:
        facts = world.probe.facts(place)
        manifest.check_music(container=facts.container, seconds=facts.seconds, size=info.size)
    return {}


def _check_film(world: World, place: Place, info: ObjectInfo) -> Mapping[str, float]:
    facts = world.probe.facts(place)
    limits = manifest.FilmLimits(world.settings.film_s_max, world.settings.film_mb_max)
    told = _file_facts(facts, info)
    manifest.check_film(told, has_audio=facts.has_audio, pixel_ratio=facts.pixel_ratio, limits=limits)
    return {"seconds": facts.seconds, "width": facts.width, "height": facts.height, "fps": facts.fps}


def _file_facts(told: MediaFacts, info: ObjectInfo) -> FileFacts:
    return FileFacts(told.container, info.size, told.seconds, told.width, told.height, told.fps, told.video_codec)


def _check_voice(world: World, place: Place, info: ObjectInfo) -> None:
    """A WAV is listened to here; mp3 and m4a by the voice model itself, which costs nothing (docs/adr/0002)."""
    facts = world.probe.facts(place)
    voiced_ms = None
    if facts.container == manifest.WAV and info.size <= manifest.VOICE_MB_MAX * manifest.MB:
        sound = wave.read(world.objects.read(place))
        voiced_ms = wave.voiced_ms(sound.pcm, sound.rate)
    manifest.check_voice(
        container=facts.container,
        seconds=facts.seconds,
        sample_rate=facts.sample_rate,
        bits=facts.bits,
        size=info.size,
        voiced_ms=voiced_ms,
    )


def _kept(info: ObjectInfo) -> Kept:
    return Kept(info.key, info.etag, info.size)
