"""The story: eight lines, each spoken in Chinese and shown in Chinese and English."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    chinese: str
    english: str

    @property
    def shown(self) -> str:
        return f"{self.chinese}\n{self.english}"


TITLE = "小狐狸和掉下来的星星"

LINES = (
    Line("森林边上，住着一只爱看星星的小狐狸。", "At the edge of the forest lived a little fox who loved the stars."),
    Line("一天夜里，一颗小星星从天上掉了下来。", "One night, a little star fell from the sky."),
    Line("它掉进湖里，冷得直发抖。", "It fell into the lake and shivered with cold."),
    Line("小狐狸划着树叶船，把它轻轻捞起来。", "The fox rowed out in a leaf boat and gently lifted it up."),
    Line("别怕，我带你回家，小狐狸说。", "Don't be afraid, I will take you home, said the fox."),
    Line("他们走过雪地，爬上最高的山顶。", "They crossed the snow and climbed the highest peak."),
    Line("小星星轻轻一跳，飞回了夜空。", "With a little hop, the star flew back into the night."),
    Line("从那以后，总有一颗星星为小狐狸亮着。", "Ever since, one star has always shone for the little fox."),
)
