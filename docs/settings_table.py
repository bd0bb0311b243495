"""The table of settings, from `shared/settings.py`. What a setting means is said here, once in each language."""

from __future__ import annotations

from dataclasses import fields

from docs.languages import Language, Words, table
from shared.settings import PREFIX, Settings

HEAD = Words("setting | default | unit | meaning", "设置 | 默认值 | 单位 | 含义")
NOTHING = Words("(empty)", "（空）")

NAME = Words("name", "名称")
SECONDS = Words("s", "秒")
MEGABYTES = Words("MB", "MB")
TRUTH = Words("true, false", "true、false")

SETTINGS: dict[str, tuple[Words, Words]] = {
    "region": (
        NAME,
        Words(
            "Region of all services. Model Studio announces ends of tasks in `cn-beijing` only.",
            "所有服务所在的地域。百炼的任务结束事件只发到 `cn-beijing`。",
        ),
    ),
    "account_id": (
        Words("digits", "数字"),
        Words("Number of the main account: part of MNS's address.", "主账号的 ID，MNS 的地址里要用。"),
    ),
    "endpoint": (
        Words("url", "网址"),
        Words(
            "One address instead of the vendor's hosts: that of a local cloud. Empty in the real cloud.",
            "用一个地址代替云厂商的所有域名：本机云的地址。在真正的云上留空。",
        ),
    ),
    "input_bucket": (NAME, Words("Bucket of the uploads.", "上传文件的 bucket。")),
    "work_bucket": (NAME, Words("Bucket of wakes and intermediate files.", "唤醒文件和中间文件的 bucket。")),
    "output_bucket": (NAME, Words("Bucket of the stories.", "成品的 bucket。")),
    "instance": (NAME, Words("Tablestore instance.", "表格存储的实例。")),
    "recheck_queue": (NAME, Words("Queue of delayed reminders.", "延时提醒的队列。")),
    "failed_queue": (NAME, Words("Queue of what was given up.", "放弃的调用进入的队列。")),
    "finished_queue": (
        NAME,
        Words(
            "Queue that hears of each job's end. Nothing here reads it: it is for your own notifications.",
            "每个任务结束时收到一条消息的队列。本项目不读它，留给你自己发通知用。",
        ),
    ),
    "announce_queue": (
        NAME,
        Words("Queue of what is to be announced, also again.", "待通知（以及待重试的通知）的队列。"),
    ),
    "ims_callback_queue": (
        NAME,
        Words(
            "Queue in which IMS announces the ends of its jobs. Must begin with `ice-callback-`.",
            "IMS 报告任务结束的队列。名称必须以 `ice-callback-` 开头。",
        ),
    ),
    "model_studio_queue": (
        NAME,
        Words(
            "Queue that the rule fills with ends of Model Studio's tasks. The dead letters of each queue lie in one "
            "called after it, with `-dead` behind.",
            "规则把百炼的任务结束事件放进这个队列。每个队列投递不了的消息在同名加 `-dead` 的队列里。",
        ),
    ),
    "model_studio_api_key": (
        Words("secret", "密钥"),
        Words("API key of Model Studio.", "百炼的 API key。"),
    ),
    "voice_model": (
        NAME,
        Words("CosyVoice model that clones and speaks.", "复刻和朗读用的 CosyVoice 模型。"),
    ),
    "engines": (
        Words("list", "列表"),
        Words(
            "Avatar engines, tried in this order: `emo`, `wan-s2v`, `liveportrait`, `videoretalk` (shows a film of the "
            "parent), `still`, `none`.",
            "依次尝试的数字人引擎：`emo`、`wan-s2v`、`liveportrait`、`videoretalk`（用家长的一段影片）、"
            "`still`（静态照片）、`none`（不放人像）。",
        ),
    ),
    "emo_model": (
        NAME,
        Words(
            "Model behind `emo`; a deployed instance has a name of its own.",
            "`emo` 的模型名；独立部署的实例有自己的名字。",
        ),
    ),
    "emo_detect_model": (NAME, Words("Photo check of `emo`.", "`emo` 的照片检测模型。")),
    "s2v_model": (NAME, Words("Model behind `wan-s2v`.", "`wan-s2v` 的模型名。")),
    "s2v_detect_model": (NAME, Words("Photo check of `wan-s2v`.", "`wan-s2v` 的照片检测模型。")),
    "liveportrait_model": (NAME, Words("Model behind `liveportrait`.", "`liveportrait` 的模型名。")),
    "liveportrait_detect_model": (NAME, Words("Photo check of `liveportrait`.", "`liveportrait` 的照片检测模型。")),
    "videoretalk_model": (NAME, Words("Model behind `videoretalk`.", "`videoretalk` 的模型名。")),
    "instance_yuan_s": (
        Words("yuan", "元"),
        Words(
            "What a second of a clip is reckoned at when its model is an instance of your own: those are paid by the "
            "hour.",
            "模型是自己独立部署的实例（按时付费）时，一秒人像视频按多少钱计。",
        ),
    ),
    "segment_s_max": (
        SECONDS,
        Words(
            "Longest segment, if shorter than the engine's own limit; 0 leaves it to the engine.",
            "一段的最大长度，只在比引擎自己的上限更短时起作用；0 表示听引擎的。",
        ),
    ),
    "face_pause_s": (
        SECONDS,
        Words(
            "A pause in the reading that is longer is not animated: the portrait comes back with the next words. A "
            "shorter one costs more yuan, a longer one more time, for each clip waits its turn; 0 cuts only where the "
            "engine must.",
            "朗读中比这更长的停顿不生成人像，下一句开始时人像再出现。设得短省钱，设得长省时间（每段都要排队）；"
            "0 表示只在引擎要求时才切开。",
        ),
    ),
    "consent_required": (
        TRUTH,
        Words("Whether a job opens only with a consent.json.", "没有 consent.json 时任务是否不能开始。"),
    ),
    "film_s_max": (SECONDS, Words("Longest film.", "影片最长多少。")),
    "film_mb_max": (MEGABYTES, Words("Largest film.", "影片最大多少。")),
    "share_s": (
        SECONDS,
        Words("Life of the urls that Model Studio gets.", "交给百炼的签名网址的有效期。"),
    ),
    "voice_recheck_s": (
        SECONDS,
        Words(
            "First look at a voice being enrolled (no event tells of it); then twice as long, 60 s at most.",
            "第一次查看声音是否复刻好的间隔（厂商没有事件）；每次加倍，最长 60 秒。",
        ),
    ),
    "verdict_s_ims": (
        SECONDS,
        Words(
            "How long an IMS job may be silent before it is asked unbidden; doubled each time, 3600 s at most.",
            "IMS 任务多久没有消息就主动问一次；每次加倍，最长 3600 秒。",
        ),
    ),
    "verdict_s_model_studio": (
        SECONDS,
        Words("The same for a Model Studio task.", "百炼任务的同一设置。"),
    ),
    "call_timeout_s": (SECONDS, Words("Timeout of one call.", "一次调用的超时。")),
    "speak_timeout_s": (SECONDS, Words("Timeout of one spoken line.", "朗读一句话的超时。")),
    "budget_yuan": (
        Words("yuan", "元"),
        Words(
            "What may be spent on one story. A call that would exceed it is not made: the job waits for an operator, "
            "who may allow more. 0 sets no limit.",
            "一个故事最多花多少钱。会超出的调用不会发出，任务停下来等运维决定是否提高上限。0 表示不限。",
        ),
    ),
    "console_secret": (
        Words("text", "文字"),
        Words(
            "Signs the links and sessions of the family's page: 32 random characters or more. Another secret ends all "
            "of them.",
            "给家庭页面的链接和登录签名的密钥：至少 32 个随机字符。换一个，所有链接和登录都作废。",
        ),
    ),
    "console_url": (
        Words("url", "网址"),
        Words("Where the family's page is reached, for the links.", "家庭页面的网址，用在链接里。"),
    ),
    "announce_topic": (
        NAME,
        Words(
            "MNS topic that hears of each end. Empty: none. Of these channels: [page.md](docs/page.md#announcements).",
            "每次结束都会收到消息的 MNS 主题。留空则不发。各通知渠道见 [page.md](docs/page.md#announcements)。",
        ),
    ),
    "webhook_url": (Words("https url", "https 网址"), Words("Webhook that is told.", "通知用的 webhook。")),
    "webhook_secret": (Words("text", "文本"), Words("Signs what the webhook gets.", "给 webhook 消息签名的密钥。")),
    "dingtalk_token": (
        Words("text", "文本"),
        Words("`access_token` of a DingTalk group's robot.", "钉钉群机器人的 `access_token`。"),
    ),
    "dingtalk_secret": (
        Words("text", "文本"),
        Words("The robot's secret for signatures (`SEC…`).", "机器人的加签密钥（`SEC…`）。"),
    ),
    "mail_server": (
        Words("host:port", "主机:端口"),
        Words("SMTP server: port 465 (TLS), or 587 (STARTTLS).", "SMTP 服务器：465 端口（TLS）或 587（STARTTLS）。"),
    ),
    "mail_user": (Words("text", "文本"), Words("Its user; empty: no login.", "登录的用户名；留空则不登录。")),
    "mail_password": (Words("text", "文本"), Words("Its password.", "登录的密码。")),
    "mail_from": (Words("address", "地址"), Words("Who mails come from.", "发件人。")),
    "mail_to": (
        Words("addresses", "地址"),
        Words("Who gets them, separated by commas.", "收件人，用逗号分开。"),
    ),
    "keep_work": (
        TRUTH,
        Words("Keep intermediate files after the story is handed over.", "交付之后保留中间文件。"),
    ),
    "producer": (
        NAME,
        Words(
            "Who stands in each film's metadata as its producer, as the labelling measures ask.",
            "按标识办法写进每部影片元数据的制作者。",
        ),
    ),
}


def render(language: Language) -> str:
    """One row a setting. Fails for a setting without words, and for words without a setting."""
    known = {field.name: field for field in fields(Settings)}
    if known.keys() != SETTINGS.keys():
        raise LookupError(
            f"settings without words, or words without settings: {sorted(known.keys() ^ SETTINGS.keys())}"
        )
    rows = [
        [f"`{PREFIX}{name.upper()}`", _default(field.default, language), unit.said(language), meaning.said(language)]
        for name, field in known.items()
        for unit, meaning in [SETTINGS[name]]
    ]
    return table(HEAD.said(language).split(" | "), rows)


def _default(value: object, language: Language) -> str:
    if value == "":
        return NOTHING.said(language)
    text = str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
    return f"`{text}`"
