"""No name that somebody gives leads out of where it belongs: not a key, not a file on this machine.

That no key is built outside its prefix is a property in `tests/fuzz/parsers/uploads.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.telling import fetch
from local.standins.account import Account
from local.standins.oss import OssState
from local.standins.oss.errors import OssError
from local.standins.store import FolderStore
from shared.domain import keys
from shared.domain.errors import Refused
from shared.ports import Bucket, Place
from tests.engine.given import object_event
from tests.fuzz.inputs import names
from tests.stage import Stage

QUICK = settings(deadline=None, database=None, max_examples=60)
climbing = st.one_of(
    names,
    st.sampled_from(
        ["../../x", "a/../../x", "/etc/passwd", "a/..", "..", ".", "~/x", "a.png/../../x", "x./../y", "C:\\x"]
    ),
)


def files_under(folder: Path) -> set[Path]:
    return {path.resolve() for path in folder.rglob("*") if path.is_file()}


@QUICK
@given(climbing)
def test_no_key_leads_the_local_cloud_out_of_its_folder(key: str) -> None:
    with TemporaryDirectory() as top:
        home, work = Path(top, "home"), Path(top, "work")
        work.mkdir()
        store = FolderStore(home)
        oss = OssState(Account(store=store))
        oss.create_bucket("films")
        try:
            oss.put("films", key, b"x" * 100_000)
            file = oss.as_file("films", key, work)
        except (OssError, UnicodeEncodeError):
            file = None
        finally:
            store.close()

        assert file is None or file.resolve().is_relative_to(Path(top).resolve())
        assert all(path.is_relative_to(Path(top).resolve()) for path in files_under(Path(top)))
        assert {path.name for path in Path(top).iterdir()} == {"home", "work"}


@QUICK
@given(climbing)
def test_no_uploads_name_makes_an_object_elsewhere(name: str) -> None:
    """Whatever is put under `inbox/`, all that comes of it lies in a job's own folders."""
    stage = Stage()
    key = f"inbox/{name}"
    try:
        keys.parse_upload(key)
    except Refused:
        stage.call("intake", object_event(stage.settings.input_bucket, key.encode("utf-8", "replace").decode()[:900]))
    made = [info.key for bucket in (Bucket.WORK, Bucket.OUTPUT) for info in stage.world.objects.listing(bucket, "")]

    assert [key for key in made if keys.parse_made(key).name != "error.json"] == []


def test_fetching_a_story_writes_into_the_folder_only(tmp_path: Path) -> None:
    stage = Stage()
    for name in ("story.mp4", "a\\b.txt", "c/d/deep.txt", "report.json"):
        stage.stand_ins.oss.put(stage.settings.output_bucket, f"stories/fox/{name}", json.dumps(name).encode())
    brought = fetch(stage.world, "fox", tmp_path / "out")

    assert all(path.parent == tmp_path / "out" for path in brought)
    assert files_under(tmp_path) == {path.resolve() for path in brought}
    assert not stage.world.objects.head(Place(Bucket.OUTPUT, "fox"))
