"""The SSML that is heard, and the SSML that is refused."""

from __future__ import annotations

import pytest

from local.engines.contract import RejectionError
from local.engines.voice.readings import Reading
from local.engines.voice.ssml import Piece, pieces


@pytest.mark.parametrize(
    ("ssml", "found"),
    [
        ("<speak>你好</speak>", [Piece("你好")]),
        ("<?xml version='1.0'?><speak>你好</speak>", [Piece("你好")]),
        ("你好 &amp; 再见", [Piece("你好 & 再见")]),
        ("<speak>一<break time='500ms'/>二</speak>", [Piece("一"), Piece(pause_s=0.5), Piece("二")]),
        ("<speak><break time='2s'/>二</speak>", [Piece(pause_s=2.0), Piece("二")]),
        ("<speak>一<break/>二</speak>", [Piece("一"), Piece(pause_s=0.5), Piece("二")]),
        ("<speak rate='1.2' pitch='0.9'>快</speak>", [Piece("快", 1.2, 0.9)]),
        ("<speak>一<prosody rate='80%'>二</prosody>三</speak>", [Piece("一"), Piece("二", 0.8), Piece("三")]),
        ("<speak><prosody rate='+25%'>二</prosody></speak>", [Piece("二", 1.25)]),
        ("<speak><prosody rate='slow'>二</prosody></speak>", [Piece("二", 0.75)]),
        ("<speak>住在<sub alias='长安'>西安</sub>城</speak>", [Piece("住在长安城")]),
        (
            "<speak>银<phoneme alphabet='py' ph='hang2'>行</phoneme>里</speak>",
            [Piece("银行里", readings=(Reading(1, 2, ("hang2",)),))],
        ),
        (
            "<speak>a <phoneme alphabet='cmu' ph='S IH1 N'> sin </phoneme></speak>",
            [Piece("a  sin ", readings=(Reading(3, 6, phonemes="sˈɪn"),))],
        ),
        ("<speak><say-as interpret-as='cardinal'>12</say-as>个</speak>", [Piece("12个")]),
        ("<speak>听<soundEvent src='http://a/b.wav'/>了</speak>", [Piece("听了")]),
        ("<speak> </speak>", []),
    ],
)
def test_tags_that_are_heard(ssml: str, found: list[Piece]) -> None:
    assert pieces(ssml) == found


@pytest.mark.parametrize(
    "ssml",
    [
        "<speak>你好",
        "<speak>你好</speak><speak>再见</speak>",
        "你好 & 再见",
        "3 < 5",
        "<speak><speak>你好</speak></speak>",
        "<speak><video/></speak>",
        "<speak>一<break time='soon'/></speak>",
        "<speak>一<break time='11s'/></speak>",
        "<speak>一<break time='1.2.3s'/></speak>",
        "<speak>一<break strength='huge'/></speak>",
        "<speak><phoneme ph='hang2'>行</phoneme></speak>",
        "<speak><phoneme alphabet='py' ph='hang2 li3'>行</phoneme></speak>",
        "<speak><phoneme alphabet='py' ph='hang'>行</phoneme></speak>",
        "<speak><phoneme alphabet='py' ph='hxng2'>行</phoneme></speak>",
        "<speak><phoneme alphabet='cmu' ph='S QQ N'>sin</phoneme></speak>",
        "<speak><phoneme alphabet='py' ph='hang2'></phoneme></speak>",
        "<speak rate='9'>快</speak>",
        "<speak rate='quick'>快</speak>",
        "<!DOCTYPE speak [<!ENTITY a 'aaaa'>]><speak>&a;</speak>",
        "<?xml version='1.0'?><!DOCTYPE speak SYSTEM 'file:///etc/passwd'><speak>a</speak>",
    ],
)
def test_invalid_ssml_is_refused_as_an_invalid_parameter(ssml: str) -> None:
    with pytest.raises(RejectionError) as refused:
        pieces(ssml)

    assert refused.value.code == "InvalidParameter"
