"""The table of what `job.json` may say, from `shared/domain/options.py`; the rules are read off its own refusals."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields
from typing import Any

from docs.languages import Language, Words, table
from shared.domain.errors import Refused
from shared.domain.options import Options, read_options

HEAD = Words("option ; values ; default ; meaning", "选项 ; 取值 ; 默认 ; 含义")
NEVER_RIGHT = {"": "no option takes this"}

OPTIONS: dict[str, Words] = {
    "narrator": Words(
        "Take voice, photo and consent from `narrators/<name>/` instead of the job's own folder.",
        "声音、照片和同意书取自 `narrators/<name>/`，不从本任务的文件夹取。",
    ),
    "family": Words(
        "Name of the family: families take turns at the avatar engine.",
        "家庭的名字：数字人引擎由各家轮流使用。",
    ),
    "assets": Words(
        "Optional files without which the job does not open.",
        "缺了就不开始的可选文件。",
    ),
    "language": Words(
        "Language of the captions, and of the speech.",
        "字幕和朗读的语言。",
    ),
    "style": Words(
        "How lively the portrait moves (`emo` and `liveportrait`).",
        "人像动作的幅度（对 `emo` 和 `liveportrait` 有效）。",
    ),
    "ratio": Words("Shape of the portrait.", "人像的形状。"),
    "corner": Words("Where the portrait lies.", "人像放在哪个角。"),
    "portrait_size": Words(
        "Width of the portrait, as a share of the film's short side.",
        "人像的宽度，占影片短边的比例。",
    ),
    "quote": Words(
        "`tell` what the story will cost, in `quote.json`, and begin; or `wait` for a `yes.json` before anything is "
        "bought; or make a `taste` first, about 15 s of the story in `taste.mp4`, and wait for the yes before the rest "
        "is bought (a film of less than 30 s is asked about as a whole).",
        "`tell`：在 `quote.json` 里报价，马上开始；`wait`：报价后等到有 `yes.json` 才开始花钱；"
        "`taste`：先做开头约 15 秒的试听 `taste.mp4`，等到有 `yes.json` 才做其余的（不到 30 秒的影片整部等同意）。",
    ),
    "portrait_margin": Words(
        "Distance of the portrait from the edges, as a share of the film's short side. At the bottom it keeps above "
        "the captions in any case.",
        "人像离边缘的距离，占影片短边的比例。放在下方时总会避开字幕。",
    ),
    "mask": Words(
        "`round` cuts the portrait to a circle, or to an oval at 3:4.", "`round` 把人像裁成圆形（3:4 时是椭圆）。"
    ),
    "burn_captions": Words(
        "Write the captions into the picture, at the times at which they are spoken.",
        "把字幕烧进画面，跟着新的朗读走。",
    ),
    "caption_style": Words("Letters with an outline, or on a dark box.", "描边字，或深色底框上的字。"),
    "caption_size": Words("Size of the letters, as a share of the film's short side.", "字的大小，占影片短边的比例。"),
    "music": Words(
        "`keep` the film's own music, `none`, `replace` it by `music.mp3`, or `add` that to it. "
        "A `music.mp3` beside the film counts as `replace` unless the option says `none`.",
        "`keep` 保留原片的音乐，`none` 不要音乐，`replace` 换成 `music.mp3`，`add` 两样都要。"
        "放了 `music.mp3` 就算 `replace`，除非写明 `none`。",
    ),
    "cap_yuan": Words(
        "What may be spent on this story, in yuan; 0 leaves it to the deployment. An avatar engine that costs more is "
        "passed over, and the report says so.",
        "这个故事最多花多少元；0 表示用部署的设置。更贵的数字人引擎会被跳过，报告里会说明。",
    ),
    "cast": Words(
        "Who reads which captions, by their numbers: a saved narrator, or `original`, the film's own voice. Those in "
        "`alternate` take turns with the rest. Tags in captions say the same: `[papa]`, `[original]`, `[narrator]`.",
        "谁读哪几条字幕（编号）：登记过的朗读者，或 `original`（保留原声）。`alternate` 里的人轮流读其余的。"
        "字幕开头写 `[papa]`、`[原声]`、`[旁白]` 也一样。",
    ),
    "listen": Words(
        "Have each segment written down by speech recognition, and read again what it does not understand. It costs a "
        "minute of recognition a segment.",
        "每段朗读再用语音识别听一遍，听不懂的句子重读。每段多花一分钟的识别费用。",
    ),
    "lexicon": Words(
        "How names and characters of several readings are said: as pinyin with tones, ARPAbet, or another spelling.",
        "名字、多音字怎么读：带声调的拼音、ARPAbet 音标，或另一种写法。",
    ),
    "engines": Words(
        "Avatar engines for this job, tried in this order; empty means the deployment's own. The job waits for what "
        "they show: a photo, for `videoretalk` a film of the parent, for `none` nothing.",
        "本任务依次尝试的数字人引擎；空表示用部署的设置。要等它们用的素材到齐：照片；`videoretalk` 要家长的影片；"
        "`none` 什么都不要。",
    ),
}


def render(language: Language) -> str:
    """One row an option. Fails for an option without words, and for words without an option."""
    known = {field.name: field for field in fields(Options)}
    if known.keys() != OPTIONS.keys():
        raise LookupError(f"options without words, or words without options: {sorted(known.keys() ^ OPTIONS.keys())}")
    rows = [
        [f"`{name}`", _rule(name), f"`{json.dumps(_default(field))}`", OPTIONS[name].said(language)]
        for name, field in known.items()
    ]
    return table(HEAD.said(language).split(" ; "), rows)


def _default(field: Field[Any]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _rule(name: str) -> str:
    try:
        read_options(json.dumps({name: NEVER_RIGHT}).encode())
    except Refused as refusal:
        return str(refusal.fields["rule"])
    raise LookupError(f"{name} takes anything")
