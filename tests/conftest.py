from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator

import pytest

LIBM = ctypes.CDLL("libm.so.6") if (platform.system(), platform.machine()) == ("Linux", "x86_64") else None
DEFAULT_ENVIRONMENT = ctypes.c_void_p(-1)  # glibc's FE_DFL_ENV on x86-64


@pytest.fixture(autouse=True)
def _ordinary_numbers() -> Iterator[None]:
    """onnxruntime has the thread that opens its first session take the smallest numbers for zero, which engines want
    (silence is full of them) and other tests do not: hypothesis draws them.
    """
    yield
    if LIBM is not None:
        LIBM.fesetenv(DEFAULT_ENVIRONMENT)
