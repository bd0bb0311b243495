"""Short films are plainly made of what was given: the inputs are found again in their frames."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.contract import Movement, RejectionError, Shot
from local.engines.pictures import frames, movement, shoot

Frame = NDArray[np.uint8]
SIZE = (160, 96)
FPS = 10


def drawn(path: Path, hue: int, *, size: tuple[int, int] = SIZE) -> Path:
    """A picture with a shape of its own: a disc on a gradient."""
    width, height = size
    across = np.linspace(60, 200, width, dtype=np.uint8)
    hsv = np.dstack(
        [np.full((height, width), hue, np.uint8), np.full((height, width), 180, np.uint8), np.tile(across, (height, 1))]
    )
    image = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    cv2.circle(image, (width // 2, height // 2), height // 4, (255, 255, 255), -1)
    cv2.imwrite(str(path), image)
    return path


def filmed(tmp_path: Path, name: str = "film.mp4", *, moves: bool = True, seconds: float = 1.0) -> Path:
    """A square that goes to and fro on grey."""

    def one(at: int) -> Frame:
        image = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
        left = 60 + (round(20 * np.sin(at / 2)) if moves else 0)
        image[30:66, left : left + 36] = (60, 200, 240)
        return image

    path = tmp_path / name
    frames.write((one(at) for at in range(round(seconds * FPS))), SIZE, FPS, 10, path, lambda _share: None)
    return path


def seen(clip: Path) -> list[Frame]:
    source = frames.film(clip)
    return list(frames.frames_of(source, source.size, source.fps))


def likeness(one: Frame, other: Frame) -> float:
    """Correlation of two pictures; 1 for the same, near 0 for strangers."""
    small = [
        cv2.resize(image, (64, 36), interpolation=cv2.INTER_AREA).astype(np.float64).ravel() for image in (one, other)
    ]
    return float(np.corrcoef(small[0], small[1])[0, 1])


def shot(tmp_path: Path, asked: Shot, **media: Path) -> list[Frame]:
    """The frames of a film that is as long as the engine says."""
    clip = tmp_path / "clip.mp4"
    seconds = shoot(asked, {name.replace("_at_", "."): path for name, path in media.items()}, clip)
    found = ffmpeg.probe(clip)
    assert found.duration_s == pytest.approx(seconds, abs=0.05)
    assert not found.has_audio
    return seen(clip)


def test_words_make_a_scene_of_their_own_the_same_each_time(tmp_path: Path) -> None:
    asked = Shot("words", SIZE, 0.5, "一只小猫在月光下奔跑", fps=FPS)
    first, again = shot(tmp_path, asked), shot(tmp_path, asked)
    other = shot(tmp_path, Shot("words", SIZE, 0.5, "Sunny meadow", fps=FPS))

    assert len(first) == 5
    assert first[0].shape == (96, 160, 3)
    assert np.array_equal(first[0], again[0])
    assert likeness(first[0], other[0]) < 0.9
    assert first[0][:40].mean() < other[0][:40].mean()  # night, and day


def test_a_still_begins_as_the_picture_and_moves(tmp_path: Path) -> None:
    photo = drawn(tmp_path / "a.png", 20)
    found = shot(tmp_path, Shot("still", (0, 96), 1.0, fps=FPS), first=photo)

    assert likeness(found[0], frames.picture(photo)) > 0.98
    assert 0.5 < likeness(found[-1], found[0]) < likeness(found[1], found[0])


def test_a_still_of_so_many_pixels_has_the_pictures_shape(tmp_path: Path) -> None:
    photo = drawn(tmp_path / "a.png", 20)

    found = shot(tmp_path, Shot("still", seconds=0.3, fps=FPS, pixels=320 * 192), first=photo)

    assert found[0].shape == (192, 320, 3)
    assert likeness(found[0], frames.picture(photo)) > 0.98


def test_a_morph_goes_from_the_first_picture_to_the_last(tmp_path: Path) -> None:
    first, last = drawn(tmp_path / "a.png", 20), drawn(tmp_path / "b.png", 110)
    found = shot(tmp_path, Shot("morph", SIZE, 1.0, fps=FPS), first=first, last=last)
    alone = shot(tmp_path, Shot("morph", SIZE, 0.3, fps=FPS), first=first)

    assert likeness(found[0], frames.picture(first)) > 0.98
    assert likeness(found[-1], frames.picture(last)) > 0.98
    assert likeness(found[5], frames.picture(first)) < likeness(found[1], frames.picture(first))
    assert likeness(alone[-1], frames.picture(first)) > 0.98


def test_referenced_pictures_come_together_in_the_last_ones_place(tmp_path: Path) -> None:
    figure, place = drawn(tmp_path / "a.png", 0, size=(60, 90)), drawn(tmp_path / "b.png", 110)
    found = shot(tmp_path, Shot("reference", SIZE, 1.0, fps=FPS), picture_at_0=figure, picture_at_1=place)
    alone = shot(tmp_path, Shot("reference", SIZE, 0.3, fps=FPS), picture_at_0=place)

    assert likeness(found[0], frames.picture(place)) > 0.95
    middle = found[-1][50:, 65:95]
    assert middle[..., 2].mean() > found[0][50:, 65:95][..., 2].mean() + 20  # the figure is red, the place blue
    assert likeness(alone[0], frames.picture(place)) > 0.95


@pytest.mark.parametrize("style", range(8))
def test_each_style_keeps_what_is_in_the_film_and_changes_its_look(tmp_path: Path, style: int) -> None:
    film = filmed(tmp_path)
    found = shot(tmp_path, Shot("restyle", (0, 96), number=style, fps=FPS), film=film)
    own = seen(film)

    assert len(found) == len(own)
    assert not np.array_equal(found[3], own[3])
    edges = [cv2.Canny(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), 40, 120) > 0 for frame in (found[3], own[3])]
    near = cv2.dilate(edges[0].astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert np.count_nonzero(near & edges[1]) > 0.6 * np.count_nonzero(edges[1]) > 0


def test_a_repainted_film_has_other_colours_by_as_much_as_it_was_asked(tmp_path: Path) -> None:
    film, blue = filmed(tmp_path), drawn(tmp_path / "b.png", 110)
    own = seen(film)[3]
    strong, weak = (
        shot(tmp_path, Shot("repaint", (0, 96), words="雪", strength=strength, fps=FPS), film=film, picture_at_0=blue)[
            3
        ]
        for strength in (1.0, 0.2)
    )

    changes = [np.abs(frame.astype(int) - own).mean() for frame in (strong, weak)]
    assert changes[0] > 2 * changes[1] > 0
    assert strong[..., 0].mean() > own[..., 0].mean() + 10


@pytest.mark.parametrize("with_film", [False, True])
def test_an_edit_changes_the_film_within_the_mask_and_nowhere_else(tmp_path: Path, *, with_film: bool) -> None:
    film, figure = filmed(tmp_path, moves=False), drawn(tmp_path / "a.png", 110)
    mask = np.zeros((96, 160, 3), np.uint8)
    mask[20:60, 10:50] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    masks = {"mask": tmp_path / "mask.png"}
    if with_film:
        masks = {"mask_film": tmp_path / "mask.mp4"}
        frames.write([mask] * 3, SIZE, FPS, 3, masks["mask_film"], lambda _share: None)  # shorter than the film
    own = seen(film)[8]
    found = shot(
        tmp_path, Shot("edit", SIZE, words="帽子", strength=0.0, fps=FPS), film=film, picture_at_0=figure, **masks
    )[8]

    change = np.abs(found.astype(int) - own).mean(axis=2)
    assert change[25:55, 15:45].mean() > 15
    assert change[:, 80:].mean() < 4


def test_an_edit_without_a_reference_takes_its_colour_from_the_words(tmp_path: Path) -> None:
    film = filmed(tmp_path, moves=False)
    cv2.imwrite(str(tmp_path / "mask.png"), np.full((96, 160, 3), 255, np.uint8))
    one, other = (
        shot(tmp_path, Shot("edit", SIZE, words=words, fps=FPS), film=film, mask=tmp_path / "mask.png")[0]
        for words in ("红帽子", "green")
    )

    assert np.abs(one.astype(int) - other).mean() > 5


def test_a_clip_goes_on_from_its_last_frame_and_up_to_the_one_that_is_to_come(tmp_path: Path) -> None:
    film, last = filmed(tmp_path), drawn(tmp_path / "b.png", 110)
    own = seen(film)
    found = shot(tmp_path, Shot("extend", (0, 0), 2.0, fps=FPS), first_film=film, last=last)

    assert len(found) == 20
    assert likeness(found[2], own[2]) > 0.97
    assert likeness(found[-1], frames.picture(last)) > 0.97


@pytest.mark.parametrize("given", ["first", "last", "first_film", "last_film"])
def test_one_end_is_enough_to_extend(tmp_path: Path, given: str) -> None:
    source = filmed(tmp_path) if given.endswith("film") else drawn(tmp_path / "a.png", 20)
    own = seen(source) if given.endswith("film") else [frames.picture(source)]
    found = shot(tmp_path, Shot("extend", (0, 0), 2.0, fps=FPS), **{given: source})

    assert len(found) == 20
    at = 0 if given.startswith("first") else -1
    assert likeness(found[at], own[at]) > 0.95


def test_an_outpainted_film_has_the_whole_film_in_its_place_on_a_larger_canvas(tmp_path: Path) -> None:
    film = filmed(tmp_path, moves=False)
    found = shot(tmp_path, Shot("outpaint", scales=(1.0, 1.0, 2.0, 1.0), fps=FPS), film=film)[0]

    assert found.shape == (96, 240, 3)
    assert likeness(found[:, 80:], seen(film)[0]) > 0.98
    assert found[:, :80].std() > 0


def test_a_person_dances_as_the_film_does(tmp_path: Path) -> None:
    moves = movement(filmed(tmp_path, seconds=3.0))
    photo = drawn(tmp_path / "a.png", 20)
    found = shot(tmp_path, Shot("dance", (96, 160), movement=moves, fps=FPS), picture=photo)

    assert moves.seconds == pytest.approx(3.0, abs=0.1)
    assert moves.sway > moves.bounce
    assert len(found) == 30
    assert any(likeness(frame, found[0]) < 0.99 for frame in found)
    still = Movement(1.0, 0.0, 0.0, 1.0)
    assert len(shot(tmp_path, Shot("dance", (96, 160), movement=still, fps=FPS), picture=photo)) == 10


def test_a_film_in_which_nothing_moves_gives_no_template(tmp_path: Path) -> None:
    with pytest.raises(RejectionError) as caught:
        movement(filmed(tmp_path, moves=False))

    assert caught.value.code == "InvalidFile.Content"


def test_a_grimace_pulls_the_face_and_leaves_the_edges(tmp_path: Path) -> None:
    photo = drawn(tmp_path / "a.png", 20, size=(160, 160))
    asked = Shot("grimace", (160, 160), 2.0, "mengwa_kaixin", box=(50, 50, 110, 110), fps=FPS)
    found = shot(tmp_path, asked, picture=photo)
    changes = [np.abs(frame.astype(int) - found[0]) for frame in found]

    inside, outside = (max(change[part].mean() for change in changes) for part in (np.s_[50:110, 50:110], np.s_[:8]))
    assert inside > 2
    assert inside > 3 * outside


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (Shot("still", SIZE, 1.0), "first"),
        (Shot("restyle", SIZE), "film"),
        (Shot("dance", SIZE), "picture"),
    ],
)
def test_media_that_cannot_be_read_are_refused_in_the_vendors_words(tmp_path: Path, asked: Shot, name: str) -> None:
    (tmp_path / "junk").write_bytes(b"junk")
    with pytest.raises(RejectionError) as caught:
        shoot(asked, {name: tmp_path / "junk"}, tmp_path / "clip.mp4")

    assert caught.value.code == "InvalidFile.Openerror"
    assert not (tmp_path / "clip.mp4").exists()


def test_a_picture_of_more_pixels_than_a_photo_has_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    rows = b"IDAT" + zlib.compress(bytes(1_000_000))  # a beginning; whole it would unpack to 11 GB
    chunks = (struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (head, rows))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    with pytest.raises(RejectionError) as caught:
        shoot(Shot("still", SIZE, 1.0), {"first": tmp_path / "bomb.png"}, tmp_path / "clip.mp4")

    assert caught.value.code == "InvalidFile.Resolution"


def test_a_sound_is_no_film_and_a_kind_nobody_knows_is_refused(tmp_path: Path) -> None:
    photo = drawn(tmp_path / "a.png", 20)
    with pytest.raises(RejectionError):
        shoot(Shot("dance", SIZE), {"picture": photo}, tmp_path / "clip.mp4")
    with pytest.raises(RejectionError) as caught:
        shoot(Shot("sculpture", SIZE), {"picture": photo}, tmp_path / "clip.mp4")

    assert caught.value.code == "InvalidParameter"
