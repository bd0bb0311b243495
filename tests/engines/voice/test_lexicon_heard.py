"""What a lexicon makes of a line is SSML that the voice behind the stand-in hears as it was meant."""

from __future__ import annotations

from local.engines.voice.readings import Reading
from local.engines.voice.ssml import Piece, pieces
from shared.domain.lexicon import wording

LEXICON = {"重山": "chong2 shan1", "绿": "lü4", "sin": "S IH1 N"}


def test_the_sounds_of_a_lexicon_are_heard_and_the_other_characters_stay_as_they_are() -> None:
    sent = wording('重山 & <绿> said "sin".', LEXICON, "cosyvoice-v3.5-plus")

    assert pieces(sent.text) == [
        Piece(
            '重山 & <绿> said "sin".',
            readings=(Reading(0, 2, ("chong2", "shan1")), Reading(6, 7, ("lv4",)), Reading(15, 18, phonemes="sˈɪn")),
        )
    ]
