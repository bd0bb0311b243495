"""A frozen class is a frozen dataclass, made late."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from threading import Barrier

import pytest

from shared.domain.frozen import frozen


@frozen
class Film:
    """A film."""

    name: str
    seconds: float = 0.0
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def minutes(self) -> float:
        return self.seconds / 60


@frozen
class Story(Film):
    voice: str = ""


def test_it_has_its_fields_and_defaults() -> None:
    film = Film("tale", 90)

    assert (film.name, film.seconds, film.tags, film.minutes) == ("tale", 90, {}, 1.5)
    assert Film("a").tags is not Film("a").tags


def test_it_equals_and_hashes_by_value() -> None:
    @frozen
    class Point:
        x: int
        y: int = 0

    assert Point(1) == Point(1, 0) != Point(2)
    assert len({Point(1), Point(1, 0), Point(2)}) == 2
    assert repr(Point(1)).endswith("Point(x=1, y=0)")


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Film("tale").name = "other"  # type: ignore[misc]  # that it is refused is the point


def test_wrong_arguments_are_refused_from_the_first_instance_on() -> None:
    @frozen
    class Point:
        x: int

    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Point(z=1)  # type: ignore[call-arg]  # that it is refused is the point
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]  # as above


def test_the_tools_of_dataclasses_know_it_before_it_has_an_instance() -> None:
    @frozen
    class Point:
        x: int
        y: int = 0

    assert [each.name for each in fields(Point)] == ["x", "y"]
    assert asdict(replace(Point(1), y=2)) == {"x": 1, "y": 2}
    assert is_dataclass(Point)


def test_one_that_inherits_has_all_fields_even_when_it_is_made_first() -> None:
    @frozen
    class First:
        x: int

    @frozen
    class Second(First):
        y: int

    assert (Second(1, 2).x, Second(1, 2).y) == (1, 2)
    assert First(1) == First(1)
    assert Story("tale", voice="mother") != Story("tale")


def test_it_can_be_copied_and_sent_to_another_process() -> None:
    film = Story("tale", 90, {"a": "b"}, "mother")

    assert pickle.loads(pickle.dumps(film)) == film == copy.deepcopy(film)  # noqa: S301  our own bytes


def test_a_thread_that_comes_late_to_the_first_instance_finds_the_class_whole() -> None:
    @frozen
    class Point:
        x: int

    as_it_stood = Point.__new__
    Point(1)
    finished = Point.__dict__["__dataclass_fields__"]

    assert isinstance(as_it_stood(Point, 2), Point)  # type: ignore[call-arg]  # object takes none, ours do
    assert Point.__dict__["__dataclass_fields__"] is finished


def test_of_many_threads_each_gets_a_whole_first_instance() -> None:
    threads = 8
    together = Barrier(threads)

    for _ in range(20):

        @frozen
        class Late:
            name: str

        def made(name: str, cls: type[Late] = Late) -> Late:
            together.wait()
            return cls(name)

        with ThreadPoolExecutor(threads) as pool:
            assert set(pool.map(made, ["tale"] * threads)) == {Late("tale")}
