"""English has the spaces it should have, whatever the reader of letters saw."""

from __future__ import annotations

import pytest

from local.engines.captions.words import with_spaces


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Attheedge of the forest livedalittle fox.", "At the edge of the forest lived a little fox."),
        ("Don'tbeafraid,Iwilltakeyou home, saidthefox.", "Don't be afraid, I will take you home, said the fox."),
        ("Idon't know", "I don't know"),
        ("It'slate!Let'sgo home.", "It's late! Let's go home."),
        ("LOVELYDAY", "LOVELY DAY"),
        ("It fell i nto the lake f rom the sky", "It fell into the lake from the sky"),
        ('"Help!"cried the lamb,"come!"', '"Help!" cried the lamb, "come!"'),
        ("“Help!”cried the lamb", "“Help!” cried the lamb"),
        ("Thebigbadwolfhidquietlybehindatree.", "The big bad wolf hid quietly behind a tree."),
        ("Noway!", "No way!"),
        ("One night , a star .", "One night, a star."),
    ],
)
def test_missing_and_stray_spaces_are_mended(read: str, meant: str) -> None:
    assert with_spaces(read) == meant


@pytest.mark.parametrize(
    "line",
    [
        "Nezha and Lingling cannot stay; maybe Wukong can.",
        "I've got 3.5 apples at 10:30.",
        "The U.S. is far... so far.",
        "It's O'Reilly's, at five o'clock.",
        "I saw a bee. O happy day!",
        "Maybe anyone cannot, tonight.",
        "grandma's butterflies and a hedgehog",
        "",
    ],
)
def test_what_is_right_stays(line: str) -> None:
    assert with_spaces(line) == line
