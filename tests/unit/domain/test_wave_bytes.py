"""Sound is read from any plain WAV, measured, trimmed and joined with the standard library alone."""

from __future__ import annotations

import io
import math
import struct
import wave as standard_wave
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import wave
from shared.domain.errors import Refused

RATE = 16_000
PCM = st.lists(st.integers(-32768, 32767), max_size=400).map(lambda samples: array("h", samples).tobytes())


def tone(ms: int, peak: int = 8000, rate: int = RATE) -> bytes:
    return array("h", [round(peak * math.sin(place / 5)) for place in range(ms * rate // 1000)]).tobytes()


def silence(ms: int, rate: int = RATE) -> bytes:
    return bytes(2 * (ms * rate // 1000))


def samples(pcm: bytes) -> list[int]:
    return array("h", pcm).tolist()


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def layout(bits: int, *, tag: int = 1, channels: int = 1, rate: int = RATE) -> bytes:
    width = bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate, rate * channels * width, channels * width, bits)


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        wave.read(data)
    return caught.value.code


@given(PCM, st.sampled_from([8000, 16_000, 24_000, 44_100]))
def test_what_is_written_is_read_back_the_same(pcm: bytes, rate: int) -> None:
    assert wave.read(wave.write(pcm, rate)) == wave.Sound(pcm, rate, 16)


def test_other_programs_read_what_is_written() -> None:
    with standard_wave.open(io.BytesIO(wave.write(tone(100), RATE))) as found:
        assert (found.getnchannels(), found.getsampwidth(), found.getframerate()) == (1, 2, RATE)
        assert found.readframes(found.getnframes()) == tone(100)


def test_unknown_chunks_of_odd_size_are_stepped_over() -> None:
    data = riff((b"LIST", b"odd"), (b"fmt ", layout(16)), (b"fact", b"1234"), (b"data", tone(10)), (b"id3 ", b"x"))

    assert wave.read(data).pcm == tone(10)


def test_the_extensible_format_is_read_by_its_inner_tag() -> None:
    extra = struct.pack("<HHIH14s", 22, 16, 0, 1, b"\x00" * 14)

    assert wave.read(riff((b"fmt ", layout(16, tag=0xFFFE) + extra), (b"data", tone(10)))).pcm == tone(10)


@pytest.mark.parametrize("promised", [0, 0xFFFFFFFF, 999_999])
def test_a_streams_header_that_promises_wrongly_is_forgiven(promised: int) -> None:
    data = bytearray(wave.write(tone(10), RATE))
    data[40:44] = struct.pack("<I", promised)

    assert wave.read(bytes(data)).pcm == tone(10)


def test_a_sample_broken_off_in_the_middle_is_left_out() -> None:
    assert wave.read(wave.write(tone(10), RATE)[:-1]).pcm == tone(10)[:-2]


@pytest.mark.parametrize(
    ("bits", "tag", "data", "heard"),
    [
        (8, 1, bytes([0, 128, 255]), [-32768, 0, 32512]),
        (16, 1, struct.pack("<3h", -5, 0, 700), [-5, 0, 700]),
        (24, 1, b"\xff\x00\x80" + b"\x00\x00\x00" + b"\x01\xff\x7f", [-32768, 0, 32767]),
        (32, 1, struct.pack("<3i", -(2**31), 0, 2**31 - 1), [-32768, 0, 32767]),
        (32, 3, struct.pack("<3f", -1.0, 0.5, 7.0), [-32767, 16383, 32767]),
        (64, 3, struct.pack("<3d", -1.0, 0.5, math.inf), [-32767, 16383, 32767]),
    ],
)
def test_every_width_is_heard_at_its_own_level(bits: int, tag: int, data: bytes, heard: list[int]) -> None:
    sound = wave.read(riff((b"fmt ", layout(bits, tag=tag)), (b"data", data)))

    assert (samples(sound.pcm), sound.bits) == (heard, bits)


def test_a_float_that_is_no_number_breaks_nothing() -> None:
    sound = wave.read(riff((b"fmt ", layout(32, tag=3)), (b"data", struct.pack("<f", math.nan))))

    assert len(samples(sound.pcm)) == 1


@pytest.mark.parametrize(("bits", "tag"), [(8, 1), (16, 1), (24, 1), (32, 1), (32, 3), (64, 3)])
def test_of_several_channels_the_first_is_heard(bits: int, tag: int) -> None:
    width = bits // 8
    one = bytes(range(1, width + 1)) * 7 if tag == 1 else struct.pack("<7f" if bits == 32 else "<7d", *[0.25] * 7)
    both = b"".join(one[place : place + width] + b"\x7f" * width for place in range(0, len(one), width))

    mono = wave.read(riff((b"fmt ", layout(bits, tag=tag)), (b"data", one)))
    stereo = wave.read(riff((b"fmt ", layout(bits, tag=tag, channels=2)), (b"data", both)))

    assert mono.pcm == stereo.pcm


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF\x00\x00\x00\x00AVI ",
        riff((b"data", b"\x00\x00")),
        riff((b"fmt ", layout(16))),
        riff((b"fmt ", b"\x01\x00"), (b"data", b"")),
        riff((b"fmt ", layout(16, tag=7)), (b"data", b"")),
        riff((b"fmt ", layout(16, channels=0)), (b"data", b"")),
        riff((b"fmt ", layout(40)), (b"data", b"")),
        riff((b"fmt ", layout(16, tag=3)), (b"data", b"")),
        riff((b"fmt ", layout(16, rate=1)), (b"data", b"")),
        riff((b"fmt ", struct.pack("<HHIIHH", 1, 2, RATE, 0, 3, 16)), (b"data", b"")),
        riff((b"fmt ", layout(16, tag=0xFFFE)), (b"data", b"")),
    ],
)
def test_what_is_no_plain_wav_is_refused(data: bytes) -> None:
    assert refusal(data) == "wave.unreadable"


@given(st.binary(max_size=120), st.integers(0, 60))
def test_any_bytes_are_read_or_refused(noise: bytes, keep: int) -> None:
    whole = wave.write(b"\x01\x02" * 9, RATE)
    for data in (noise, whole[:keep] + noise, riff((b"fmt ", noise), (b"data", noise))):
        try:
            sound = wave.read(data)
        except Refused:
            continue
        assert len(sound.pcm) % 2 == 0
        assert sound.rate >= 1000


def test_length_is_told_in_milliseconds() -> None:
    assert wave.Sound(tone(1234), RATE, 16).length_ms == 1234 == wave.duration_ms(tone(1234), RATE)


def test_levels_tell_full_scale_from_silence() -> None:
    loud, quiet, none = wave.levels(b"\xff\x7f" * 160 + b"\x21\x00" * 160 + silence(10) + b"\x00", RATE)

    assert loud == pytest.approx(0.0, abs=0.001)
    assert quiet == pytest.approx(-60, abs=0.2)
    assert none == -120
    assert wave.levels(b"", RATE) == []


def test_the_loudest_moment_is_found() -> None:
    assert wave.loudest_ms(silence(100) + tone(50, 900) + tone(50, 9000) + silence(30), RATE) in range(150, 200)
    assert wave.loudest_ms(b"", RATE) == 0


def test_only_what_is_clearly_over_silence_counts_as_voice() -> None:
    assert wave.voiced_ms(silence(500) + tone(700) + silence(300), RATE) == 700
    assert wave.voiced_ms(tone(1000) + tone(1000, 20), RATE) == 1000
    assert wave.voiced_ms(tone(1000, 60), RATE) == 0
    assert wave.voiced_ms(silence(1000), RATE) == wave.voiced_ms(b"", RATE) == 0


def test_one_knock_on_the_table_does_not_silence_a_quiet_voice() -> None:
    assert wave.voiced_ms(tone(10, 32_000) + tone(1000, 400), RATE) == 1010


def test_silence_around_speech_is_trimmed_but_for_its_soft_edges() -> None:
    trimmed, lead_ms = wave.trim_silence(silence(300) + tone(500) + silence(400), RATE)

    assert lead_ms == 300 - wave.KEPT_BEFORE_MS
    assert wave.duration_ms(trimmed, RATE) == wave.KEPT_BEFORE_MS + 500 + wave.KEPT_AFTER_MS
    assert wave.trim_silence(tone(500), RATE) == (tone(500), 0)


def test_of_silence_nothing_is_left() -> None:
    assert wave.trim_silence(silence(250), RATE) == (b"", 250)
    assert wave.trim_silence(b"", RATE) == (b"", 0)


@given(PCM, st.sampled_from([(16_000, 24_000), (22_050, 24_000), (24_000, 22_050), (48_000, 16_000), (8000, 24_001)]))
def test_another_rate_keeps_length_and_level(pcm: bytes, rates: tuple[int, int]) -> None:
    old, new = rates
    heard = samples(pcm)

    made = samples(wave.resampled(wave.Sound(pcm, old, 16), new))

    assert len(made) == len(heard) * new // old
    assert all(min(heard) <= one <= max(heard) for one in made)
    for place, one in enumerate(made):
        whole, part = divmod(place * old, new)
        after = heard[min(whole + 1, len(heard) - 1)]
        assert abs(one - (heard[whole] + (after - heard[whole]) * part / new)) <= 1


def test_the_same_rate_changes_nothing() -> None:
    assert wave.resampled(wave.Sound(tone(10), RATE, 16), RATE) == tone(10)


def test_pieces_lie_at_their_times_with_silence_between() -> None:
    made = wave.read(wave.assemble([(300, tone(100)), (50, tone(100))], 500, RATE))
    heard = wave.levels(made.pcm, RATE)

    assert made.length_ms == 500
    assert [level > -60 for level in heard] == [False] * 5 + [True] * 10 + [False] * 15 + [True] * 10 + [False] * 10


def test_words_that_pass_the_end_prolong_the_whole() -> None:
    assert wave.read(wave.assemble([(400, tone(300))], 500, RATE)).length_ms == 700


def test_the_edges_of_a_piece_are_faded_and_its_middle_is_untouched() -> None:
    piece = b"\x10\x27" * (RATE // 10)

    heard = samples(wave.read(wave.assemble([(0, piece)], 100, RATE)).pcm)

    assert heard[0] == heard[-1] == 0
    assert heard == heard[::-1]
    assert heard[: wave.FADE_MS * 16] == sorted(heard[: wave.FADE_MS * 16])
    assert set(heard[wave.FADE_MS * 16 : -wave.FADE_MS * 16]) == {10_000}


def test_pieces_that_overlap_are_added_and_held_at_full_scale() -> None:
    loud = b"\x20\x4e" * RATE

    heard = samples(wave.read(wave.assemble([(0, loud), (500, loud), (-20, b"\x01")], 1500, RATE)).pcm)

    assert heard[RATE // 4] == heard[RATE + RATE // 4] == 20_000
    assert heard[3 * RATE // 4] == wave.PEAK


def test_no_pieces_make_silence() -> None:
    assert wave.read(wave.assemble([], 20, RATE)).pcm == silence(20)
    assert wave.read(wave.assemble([(5, b"")], 20, RATE)).pcm == silence(20)


@given(st.lists(st.tuples(st.integers(0, 60), PCM), max_size=5), st.integers(0, 50))
def test_no_sample_of_any_piece_is_lost_at_the_end(pieces: list[tuple[int, bytes]], length_ms: int) -> None:
    made = wave.read(wave.assemble(pieces, length_ms, RATE))

    ends = [at_ms * 16 + len(pcm) // 2 for at_ms, pcm in pieces]
    assert len(made.pcm) // 2 == max([length_ms * 16, *ends])
