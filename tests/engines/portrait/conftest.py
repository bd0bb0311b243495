"""One real portrait, and changes to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines.portrait.checks import find_person
from local.engines.portrait.detector import Sighting
from local.engines.portrait.landmarks import Landmarks

Image = NDArray[np.uint8]
PORTRAIT = Path(__file__).resolve().parents[3] / "local" / "samples" / "portrait.png"


@pytest.fixture(scope="session")
def portrait() -> Image:
    """512 x 512; the face is 94 pixels wide and lies at about (225, 122)."""
    return cv2.imread(str(PORTRAIT)).astype(np.uint8)  # type: ignore[union-attr]  # it is there


@pytest.fixture
def photo(tmp_path: Path) -> Callable[[Image], Path]:
    """Write a picture to a file."""

    def write(image: Image) -> Path:
        cv2.imwrite(str(tmp_path / "photo.png"), image)
        return tmp_path / "photo.png"

    return write


@pytest.fixture(scope="session")
def seen(portrait: Image) -> tuple[Sighting, Landmarks]:
    return find_person(portrait)
