"""What a family or an operator reads, by code, in Chinese and English; placeholders come from the error's fields."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.frozen import frozen


@frozen
class Sentence:
    zh: str
    en: str


def sentence(code: str, fields: Mapping[str, object]) -> Sentence:
    """The sentence of a code; an unknown code falls back to the most specific parent (`a.b.c` -> `a.b` -> `a`)."""
    name = code
    while name not in SENTENCES and "." in name:
        name = name.rpartition(".")[0]
    found = SENTENCES.get(name, SENTENCES["internal"])
    return Sentence(found.zh.format_map(_Fields(fields, "zh")), found.en.format_map(_Fields(fields, "en")))


class _Fields(dict[str, object]):
    """A field whose words differ comes once for each language: `why_zh` and `why_en` for `why`."""

    def __init__(self, fields: Mapping[str, object], language: str) -> None:
        super().__init__(fields)
        self._language = language

    def __missing__(self, name: str) -> object:
        return self.get(f"{name}_{self._language}", "…")


SENTENCES: dict[str, Sentence] = {
    # --- the film
    "film.not_mp4": Sentence(
        "这个影片不是 mp4 文件。请换成 H.264 编码的 mp4 影片再上传。",
        "The film is not an mp4 file. Please upload an mp4 film (H.264).",
    ),
    "film.no_video": Sentence(
        "影片里没有画面。请换一个有画面的 mp4。", "The film has no picture. Please upload another mp4."
    ),
    "film.no_audio": Sentence(
        "影片没有声音，我们不知道旁白在哪里。请上传带旁白的影片。",
        "The film has no sound, so there is no narration to replace. Please upload a film with its narration.",
    ),
    "film.codec": Sentence(
        "影片画面的编码是 {codec}。请换成 H.264 或 H.265 编码的 mp4 影片再上传。",
        "The film's picture is encoded as {codec}. Please upload an mp4 film with H.264 or H.265.",
    ),
    "film.pixels": Sentence(
        "影片的像素不是正方形（宽是高的 {ratio} 倍），画面会变形。请用剪辑软件按方形像素重新导出 mp4。",
        "The film's pixels are not square ({ratio} times as wide as high), so its picture would be squeezed. Please "
        "export the mp4 again with square pixels.",
    ),
    "film.too_long": Sentence(
        "影片长 {seconds} 秒，超过了上限 {limit} 秒。请剪短后再上传。",
        "The film is {seconds} s long; the limit is {limit} s. Please shorten it.",
    ),
    "film.too_large": Sentence(
        "影片文件有 {mb} MB，超过了上限 {limit} MB。", "The film is {mb} MB; the limit is {limit} MB."
    ),
    "film.resolution": Sentence(
        "影片画面是 {width}x{height}，超出可处理的范围（每边 128 到 4096 像素，短边不超过 2160）。",
        "The film is {width}x{height}; each side must be 128-4096 pixels and the short one at most 2160.",
    ),
    # --- the voice sample
    "voice.format": Sentence(
        "录音的格式不支持。请上传 wav（16 位）、mp3 或 m4a。",
        "The recording's format is not supported. Please upload wav (16 bit), mp3 or m4a.",
    ),
    "voice.too_short": Sentence(
        "录音只有 {seconds} 秒。请录 10 到 20 秒连续清楚的朗读。",
        "The recording is only {seconds} s long. Please record 10-20 s of clear, continuous reading.",
    ),
    "voice.too_long": Sentence(
        "录音有 {seconds} 秒，最长 60 秒。请剪到 10 到 20 秒。",
        "The recording is {seconds} s long; at most 60 s. Please cut it to 10-20 s.",
    ),
    "voice.silent": Sentence(
        "录音里几乎听不到声音。请靠近麦克风再录一次。",
        "The recording is almost silent. Please record again, closer to the microphone.",
    ),
    "voice.too_large": Sentence("录音文件有 {mb} MB，最大 10 MB。", "The recording is {mb} MB; at most 10 MB."),
    "voice.sample_rate": Sentence(
        "录音的采样率是 {hz} Hz，至少要 16000 Hz。请用手机自带的录音重新录。",
        "The recording's sample rate is {hz} Hz; at least 16000 Hz is needed. Please record again.",
    ),
    "voice.rejected": Sentence(
        "这段录音没有通过声音复刻的检查。请在安静的房间里再录 10 到 20 秒清楚的朗读。",
        "The recording did not pass the voice check. Please record 10-20 s of clear reading in a quiet room.",
    ),
    # --- the photo
    "photo.format": Sentence(
        "照片的格式不支持。请上传 jpg、png、bmp 或 webp。",
        "The photo's format is not supported. Please use jpg, png, bmp or webp.",
    ),
    "photo.resolution": Sentence(
        "照片是 {width}x{height} 像素；每边要在 400 到 7000 像素之间。",
        "The photo is {width}x{height} pixels; each side must be between 400 and 7000.",
    ),
    "photo.too_large": Sentence("照片文件有 {mb} MB，最大 10 MB。", "The photo is {mb} MB; at most 10 MB."),
    "photo.no_face": Sentence(
        "照片里没有找到人脸。请换一张正面、清楚的单人照片。",
        "No face was found in the photo. Please use a clear photo of one person, seen from the front.",
    ),
    "photo.many_faces": Sentence(
        "照片里不止一个人。请换一张只有家长一个人的照片。",
        "There is more than one person in the photo. Please use a photo of the parent alone.",
    ),
    "photo.proportion": Sentence(
        "照片里的人太小或太大。请用半身或头像照片。",
        "The person in the photo is too small or too large. Please use a head or half-length photo.",
    ),
    "photo.dark": Sentence(
        "照片太暗或不清楚。请在明亮的地方重新拍一张。",
        "The photo is too dark or unclear. Please take one in good light.",
    ),
    "photo.pose": Sentence(
        "照片里的脸没有正对镜头或被挡住了。请换一张正面、完整露出脸的照片。",
        "The face is turned away or covered. Please use a photo that shows the whole face from the front.",
    ),
    "photo.rejected": Sentence(
        "这张照片没有通过检查。请换一张正面、清楚、光线好的单人照片。",
        "The photo did not pass the check. Please use a clear, well-lit photo of one person from the front.",
    ),
    # --- captions, music, options, consent, names
    "captions.not_srt": Sentence(
        "字幕文件不是 SRT 格式。请检查 captions.srt，或者不上传字幕，由我们自动识别。",
        "The captions file is not an SRT. Please check captions.srt, or leave it out and we read them from the film.",
    ),
    "captions.none": Sentence(
        "在影片里没有找到字幕，也没有听到旁白。请附上字幕文件 captions.srt。",
        "No captions and no narration were found in the film. Please add a captions.srt.",
    ),
    "captions.outside": Sentence(
        "字幕的时间超出了影片的长度。请检查 captions.srt 是不是这部影片的。",
        "The captions lie beyond the end of the film. Please check that captions.srt belongs to this film.",
    ),
    "captions.too_large": Sentence(
        "字幕文件有 {mb} MB，最大 {limit} MB。", "The captions file is {mb} MB; at most {limit} MB."
    ),
    "captions.too_many": Sentence(
        "字幕有 {count} 条，最多 {limit} 条。", "There are {count} captions; at most {limit} can be handled."
    ),
    "captions.text_long": Sentence(
        "第 {number} 条字幕有 {count} 个字，最多 {limit} 个。请分成几条。",
        "Caption {number} has {count} characters; at most {limit}. Please split it.",
    ),
    # --- why a person should listen to a line
    "doubt.silent": Sentence("这一句没有声音。", "Nothing is heard."),
    "doubt.short": Sentence(
        "比这些字该用的时间短得多，可能漏了字。", "Far too short for its words: some may be missing."
    ),
    "doubt.long": Sentence(
        "比这些字该用的时间长得多，可能多念了。", "Far too long for its words: some may be said twice."
    ),
    "doubt.cut-off": Sentence("结尾好像被切断了。", "The end seems to be cut off."),
    "doubt.gap": Sentence("中间停了一秒半以上。", "There is a silence of more than a second and a half inside."),
    "doubt.clipped": Sentence("声音过大，有破音。", "It is overdriven."),
    "doubt.crowded": Sentence(
        "字太多，最快也念不完。请把这条字幕改短。",
        "Too many words for its time, even read fast. The caption should be shorter.",
    ),
    "doubt.dead-air": Sentence(
        "念完以后还空了很久。可以把这条字幕改长或缩短它的时间。",
        "Long silence after its words. The caption could say more, or be shown for less time.",
    ),
    "doubt.unheard": Sentence(
        "影片结束时还没有念完，后面的话听不到。请把它或前面的字幕改短。",
        "The film ends before its last word is said. This caption, or those before it, should be shorter.",
    ),
    "doubt.misheard": Sentence(
        "语音识别听到的和字幕不一样，可能念错了。",
        "Speech recognition understood something else: it may be misread.",
    ),
    "doubt.unlearnt": Sentence(
        "这个声音模型不能按指定的读音念，请听一听名字对不对。",
        "This voice model cannot be told the sounds that were asked for. Please check the names.",
    ),
    "doubt": Sentence("请听一听这一句。", "Please listen to this line."),
    # --- what was mended in the captions; `number` counts the captions as they stand in the file
    "repair.encoding": Sentence(
        "字幕文件不是 UTF-8 编码，已转换。", "The captions file was not UTF-8; it was converted."
    ),
    "repair.markup": Sentence("去掉了字幕里的格式标记。", "Formatting marks in the captions were removed."),
    "repair.number": Sentence(
        "第 {number} 条字幕的序号缺失或不对。", "The number of caption {number} was missing or wrong."
    ),
    "repair.empty": Sentence("第 {number} 条字幕没有文字，已略过。", "Caption {number} has no text and was left out."),
    "repair.order": Sentence(
        "第 {number} 条字幕的时间早于前一条，已重新排序。", "Caption {number} was out of order and was sorted by time."
    ),
    "repair.length": Sentence(
        "第 {number} 条字幕的结束时间不晚于开始时间，已按文字长度补上。",
        "Caption {number} ended before it began; its end was set from the length of its text.",
    ),
    "repair.joined": Sentence(
        "第 {number} 条字幕与前一条同时出现，已合为一条。",
        "Caption {number} appears at the same time as the one before; the two were joined.",
    ),
    "repair.duplicate": Sentence(
        "第 {number} 条字幕重复了前一条，已合并。", "Caption {number} repeats the one before; the two were merged."
    ),
    "repair.overlap": Sentence(
        "第 {number} 条字幕与后一条重叠，已提前结束。",
        "Caption {number} overlapped the next one; its end was moved forward.",
    ),
    "repair.outside": Sentence(
        "第 {number} 条字幕在影片结束之后才开始，没有读。",
        "Caption {number} begins after the film's end; it is not read.",
    ),
    "music.format": Sentence("背景音乐必须是 mp3 文件。", "The music must be an mp3 file."),
    "music.too_large": Sentence("背景音乐有 {mb} MB，最大 {limit} MB。", "The music is {mb} MB; at most {limit} MB."),
    "options.not_json": Sentence("job.json 不是有效的 JSON：{why}", "job.json is not valid JSON: {why}"),
    "options.too_large": Sentence("job.json 太大，最大 {limit} KB。", "job.json is too large; at most {limit} KB."),
    "options.unknown": Sentence(
        "job.json 里有不认识的选项 {name}。可用的选项：{known}。",
        "job.json has an unknown option {name}. Known options: {known}.",
    ),
    "options.value": Sentence("job.json 里 {name} 的值不对：{rule}", "job.json: {name} is not right: {rule}"),
    "options.lacks": Sentence(
        "job.json 要用 {name} 文件，可是没有给：请加上 --{name}，或改 job.json。",
        "job.json wants the file {name}, and none is given: add --{name}, or change job.json.",
    ),
    "tell.voice": Sentence(
        "请给出家长的录音（--voice），或者写明已登记的家长（--narrator）。",
        "Give the parent's recording (--voice), or name a parent who is kept (--narrator).",
    ),
    "tell.face": Sentence("请给出家长的照片或影片：{names}。", "Give a photo or a film of the parent: {names}."),
    "tell.kept": Sentence(
        "朗读者 {name} 的录音、照片和同意书已经登记过，请去掉 {names}。",
        "Voice, photo and consent of the narrator {name} are kept: leave out {names}.",
    ),
    "cast.not_kept": Sentence(
        "轮流读的家长都要先保存：请给这位家长起个名字并保存，或者按字幕编号分配。",
        "Parents who take turns are all kept ones: keep this parent under a name, or give out captions by number.",
    ),
    "consent.missing": Sentence(
        "还缺少同意书 consent.json：需要家长分别同意声音复刻和人脸动画。",
        "consent.json is missing: the parent must agree to voice cloning and, separately, to face animation.",
    ),
    "consent.incomplete": Sentence("同意书 consent.json 不完整：{why}", "consent.json is incomplete: {why}"),
    "key.unknown": Sentence(
        "不认识的文件名 {name}。可以上传：story.mp4、voice.wav/mp3/m4a、photo.jpg/png/bmp/webp、portrait.mp4、"
        "consent.json、job.json、captions.srt、music.mp3。",
        "Unknown file name {name}. Expected: story.mp4, voice.wav/mp3/m4a, photo.jpg/png/bmp/webp, portrait.mp4, "
        "consent.json, job.json, captions.srt, music.mp3.",
    ),
    "key.hostile": Sentence(
        "文件夹或文件的名字不能使用。名字只能有小写字母、数字和连字符。",
        "The folder or file name cannot be used. Only lower-case letters, digits and hyphens are allowed.",
    ),
    "key.twice": Sentence(
        "同一种文件上传了两份：{names}。请只保留一份。",
        "The same kind of file was uploaded twice: {names}. Please keep one.",
    ),
    "narrator.erased": Sentence(
        "讲故事的家长要求删除自己的声音和照片，所以这个故事取消了。",
        "The parent who was to tell this story has had voice and photo deleted, so it was called off.",
    ),
    "narrator.not_erased": Sentence("家长 {name} 没有被删除过。", "The narrator {name} was not erased."),
    "narrator.unknown": Sentence(
        "没有找到名叫 {name} 的朗读者。请先上传他的录音、照片和同意书。",
        "There is no narrator named {name}. Please upload the narrator's recording, photo and consent first.",
    ),
    "narrator.incomplete": Sentence(
        "朗读者 {name} 还缺：{names}。请补上后再开始。",
        "The narrator {name} still lacks: {names}. The story begins once it is there.",
    ),
    "narrator.unlike": Sentence(
        "一起读的家长要用同一种画面：请给每位家长都补上其中一样：{names}，或改 job.json 里的 engines。",
        "Parents who read one story are shown alike: add one of these for each of them: {names}; or change engines in "
        "job.json.",
    ),
    "narrator.refused": Sentence("朗读者 {name}：{why}", "The narrator {name}: {why}"),
    "narrator.name": Sentence(
        "朗读者的名字 {name} 不能用。请只用小写字母、数字和单个连字符，最多 20 个字符。",
        "{name} cannot be a narrator's name. Use small letters, digits and single hyphens, at most 20 characters.",
    ),
    # --- the family's page
    "family.name": Sentence(
        "家庭的名字 {name} 不能用（规则：{rule}，以字母开头）。",
        "{name} cannot be a family's name (rule: {rule}, a letter first).",
    ),
    "family.unknown": Sentence(
        "没有叫 {name} 的家庭。请先运行 echobot family add。",
        "There is no family called {name}. Run `echobot family add` first.",
    ),
    "console.secret": Sentence(
        "页面还没有配置密钥。请把 ECHOBOT_CONSOLE_SECRET 设为至少 {limit} 个随机字符。",
        "The page has no secret yet. Set ECHOBOT_CONSOLE_SECRET to at least {limit} random characters.",
    ),
    "content.blocked": Sentence(
        "内容没有通过平台的安全审核，不能继续。", "The content did not pass the platform's safety check."
    ),
    "request.media": Sentence(
        "图片、声音或影片不符合模型的要求（{vendor_code}）。请检查格式、大小和时长。",
        "A picture, sound or film does not meet the model's limits ({vendor_code}). Check format, size and length.",
    ),
    "request.not_json": Sentence("请求文件不是有效的 JSON：{why}", "The request file is not valid JSON: {why}"),
    "request.too_large": Sentence(
        "请求文件太大，最大 {limit} KB。", "The request file is too large; at most {limit} KB."
    ),
    "request.cap": Sentence(
        "这个请求最多可能花 {high} 元，超过了它自己的上限 {cap} 元，没有开始。",
        "This request may cost up to {high} yuan, more than its own cap of {cap} yuan; nothing was started.",
    ),
    "request.offline": Sentence(
        "模型 {model} 已下线或未开通。请换一个模型，或在 deployed 里写上自己部署的实例名。",
        "The model {model} is switched off or not open to this account. Choose another, or name an instance of "
        "your own under deployed.",
    ),
    "request.refused": Sentence(
        "模型没有接受这个请求（{vendor_code}）：{why}。请按这个原因改好再上传。",
        "The model did not take the request ({vendor_code}): {why}. Please change that and upload it again.",
    ),
    "request.unreachable": Sentence(
        "模型试了几次都取不到请求里的文件（{vendor_code}）。请检查每个地址不用登录就能打开，格式也是模型支持的，"
        "或者把文件放进输入桶，再上传请求。",
        "The model tried several times and could not fetch a file of the request ({vendor_code}). Check that each "
        "address opens without a login and has a format that the model takes, or put the file into the input bucket; "
        "then upload the request again.",
    ),
    "request.file": Sentence(
        "{name} 的文件不合要求：{what} 是 {value}，允许 {rule}，最接近 {nearest}。",
        "The file of {name} will not do: its {what} is {value}; allowed is {rule}, nearest is {nearest}.",
    ),
    "request.model": Sentence(
        "没有叫 {name} 的模型，最接近的是 {nearest}。可用的模型：{known}。",
        "There is no model {name}; the nearest is {nearest}. Known models: {known}.",
    ),
    "request.field": Sentence(
        "这个模型没有字段 {name}，最接近的是 {nearest}。可用的字段：{known}。",
        "This model has no field {name}; the nearest is {nearest}. Known fields: {known}.",
    ),
    "request.no_fields": Sentence(
        "这个模型不用 {part}，请去掉 {name}。", "This model takes no {part}: please leave out {name}."
    ),
    "request.value": Sentence(
        "{name} 的值 {value} 不对：允许 {rule}，最接近 {nearest}。",
        "{name} cannot be {value}: allowed is {rule}, nearest is {nearest}.",
    ),
    "request.missing": Sentence("请求缺少 {name}（{rule}）。", "The request lacks {name} ({rule})."),
    "request.no_file": Sentence(
        "{name}：找不到文件 {file}（本机的文件、输入桶里的键 requests/… 或 https://… 地址）。",
        "{name}: there is no file {file} (a file of this machine, a key such as requests/..., or https://...).",
    ),
    "request.one_of": Sentence("{names} 必须且只能给一个。", "Exactly one of {names} must be given."),
    "request.some_of": Sentence("{names} 至少要给一个。", "At least one of {names} must be given."),
    "request.together": Sentence(
        "{names} 要么都给，要么都不给（不给时由检测得出，不要自己编）。",
        "Give all of {names} or none: left out, a detection finds them. They are never to be made up.",
    ),
    "request.alike": Sentence("{names} 的个数必须相同。", "{names} must be lists of one length."),
    "film.bad_result": Sentence(
        "合成的影片不完整，我们已经收到通知，会重新处理。",
        "The finished film is not whole; we have been told and will redo it.",
    ),
    "label.missing": Sentence(
        "影片缺少人工智能合成标识（{where}），不能交付，我们已经收到通知，会重新处理。",
        "The film lacks the label of synthetic content ({where}) and is not handed over; we have been told.",
    ),
    # --- for the operator
    "engine.offline": Sentence(
        "数字人模型 {model} 已下线或未开通，已改用下一个引擎。",
        "The avatar model {model} is switched off or not open to this account; the next engine is used.",
    ),
    "engine.dear": Sentence(
        "数字人引擎 {engine} 要花 {cost} 元，超过了还能花的 {left} 元，已改用下一个引擎。",
        "The avatar engine {engine} takes {cost} yuan, more than the {left} that may still be spent; the next "
        "engine is used.",
    ),
    "engine.none_left": Sentence(
        "选中的数字人引擎都已下线或未开通。请开通一个再继续；或者重新讲这个故事，engines 里加上 still（照片不动）"
        "或 none（不要人像）。",
        "Each avatar engine that was chosen is switched off or not open to this account. Have one opened and take the "
        "job up again; or tell the story anew with still (the photo as it is) or none among its engines.",
    ),
    "engine.no_source": Sentence(
        "数字人引擎 {engine} 需要 {source}，这个任务没有，已改用下一个引擎。",
        "The avatar engine {engine} needs a {source}, which this job lacks; the next engine is used.",
    ),
    "account.overdue": Sentence(
        "云账号欠费或套餐用完，任务暂停，充值后自动继续。",
        "The cloud account is overdue or its package is used up; the job waits and goes on after payment.",
    ),
    "account.credentials": Sentence(
        "云账号的密钥或权限不对，任务暂停，修好后自动继续。",
        "A key or permission of the cloud account is wrong; the job waits and goes on after the fix.",
    ),
    "account.quota": Sentence(
        "账号的配额用完了（{what}）。请清理或提高配额，之后自动继续。",
        "A quota of the account is used up ({what}). Free or raise it; the job goes on by itself.",
    ),
    "vendor.busy": Sentence("云服务正忙，稍后自动重试。", "The cloud service is busy; we try again by ourselves."),
    "vendor.rejected": Sentence(
        "云服务拒绝了这个请求（{vendor_code}）。这是我们的问题，已经通知工程师。",
        "The cloud service refused our request ({vendor_code}). This is on our side; the engineers have been told.",
    ),
    "vendor.unanswered": Sentence(
        "云服务没有回答，正在核对请求是否已经生效。",
        "The cloud service did not answer; we check whether the request took effect.",
    ),
    "vendor.contract": Sentence(
        "云服务的回答和文档不一样。已经通知工程师。",
        "The cloud service's answer is not as documented. The engineers have been told.",
    ),
    "vendor.lost": Sentence(
        "云服务已经忘记了这个任务（超过 24 小时）。需要人工决定。",
        "The vendor has forgotten this task (older than 24 hours). A person must decide.",
    ),
    "vendor.old": Sentence(
        "步骤 {step}/{item} 的任务提交已超过 20 小时还没有结果；满 24 小时云服务就会忘记它。",
        "The task of {step}/{item} was submitted more than 20 hours ago without a result; at 24 hours it is forgotten.",
    ),
    "step.review": Sentence("步骤 {step}/{item} 在等人决定。", "The step {step}/{item} waits for a person's decision."),
    "letters.dead": Sentence(
        "死信队列 {queue} 里有消息。请执行 echobot redrive --queue {queue}。",
        "There are dead letters: echobot redrive --queue {queue}.",
    ),
    "ledger.ambiguous": Sentence(
        "有一笔付费请求不能确定是否已经生效，等待人工决定，以免重复付费。",
        "It is uncertain whether a paid request took effect; a person decides, so that nothing is paid twice.",
    ),
    "ledger.other_inputs": Sentence(
        "同一个步骤的输入在中途变了。已经通知工程师。",
        "The inputs of a step changed in mid-course. The engineers have been told.",
    ),
    "row.moved": Sentence("状态已被另一个进程更新。", "Another process moved the row first."),
    "key.taken": Sentence("这个名字已经有文件了：{key}", "There is an object of this name already: {key}"),
    "object.missing": Sentence("需要的文件不见了：{key}", "A needed object is gone: {key}"),
    "url.hostile": Sentence(
        "结果地址不可信，已拒绝下载。", "The result's address is not to be trusted; it was not fetched."
    ),
    "url.expired": Sentence("下载地址已过期。", "The download address has expired."),
    "event.poison": Sentence("收到看不懂的事件。", "An event could not be read."),
    "wave.unreadable": Sentence("声音数据无法读取：{why}", "The sound cannot be read: {why}"),
    "price.unknown": Sentence(
        "没有 {name} 的价格，无法报价。", "There is no price for {name}; a quote cannot be made."
    ),
    "edits.wrong": Sentence("edits.json 看不懂：{why}", "edits.json cannot be read: {why}"),
    "edits.line": Sentence(
        "edits.json 里的第 {number} 行不存在：行号看成片旁边的 captions.srt。",
        "edits.json names line {number}, and there is none: the numbers are those of the story's captions.srt.",
    ),
    "edits.nothing": Sentence(
        "这样改，一句可读的也不剩了。",
        "After this correction nothing is left to be read.",
    ),
    "edits.late": Sentence(
        "改得太晚了：做这个故事用的材料只保留 7 天。请用新的名字重新讲一遍。",
        "This correction comes too late: what the story was made of is kept for 7 days. "
        "Please tell it under a new name.",
    ),
    "edits.busy": Sentence(
        "只能修改最新的、已经做好的一版；也许上一次修改还在制作。",
        "Only the newest edition can be changed, once it is told; perhaps an earlier change is still being made.",
    ),
    "edits.early": Sentence(
        "故事还没有做完，改动先留着：做完以后会按它再出一版，只买改动的句子。",
        "The story is not finished yet, so this correction is kept: once it is, a corrected version is made, and only "
        "what the correction changes is bought.",
    ),
    "edits.many": Sentence("一个故事最多改 {limit} 版。", "A story has at most {limit} editions."),
    "yes.wrong": Sentence(
        'yes.json 看不懂：{why}。放一个空文件就表示同意，也可以写 {{"budget_yuan": 80}}。',
        'yes.json cannot be read: {why}. An empty file says yes; {{"budget_yuan": 80}} sets a budget, too.',
    ),
    "yes.budget": Sentence(
        "任务 {job} 的预算用完了：请给出新的预算。", "The job {job} has used up its budget: say what it may cost now."
    ),
    "job.not_asked": Sentence("任务 {job} 没有在等人同意。", "The job {job} does not wait for a yes."),
    "quote.asked": Sentence(
        "这个故事大约要花 {low} 到 {high} 元。同意就在 inbox/{job}/ 里放一个 yes.json；在那之前什么都不买。",
        "This story will cost about {low} to {high} yuan. To agree put yes.json into inbox/{job}/; "
        "nothing is bought until then.",
    ),
    "quote.over": Sentence(
        "这个故事至少要花 {low} 元，超过了预算 {budget} 元。"
        "想继续就在 inbox/{job}/ 里放一个 yes.json，写明新的 budget_yuan。",
        "This story costs {low} yuan at least, which is more than its budget of {budget}. "
        "To go on put yes.json with another budget_yuan into inbox/{job}/.",
    ),
    "quote.told": Sentence(
        "这个故事大约要花 {low} 到 {high} 元。",
        "This story will cost about {low} to {high} yuan.",
    ),
    "quote.taste": Sentence(
        "先做开头约 15 秒给您试听，要 {first_low} 到 {first_high} 元；您同意了才做其余的。"
        "全部大约 {low} 到 {high} 元。",
        "First the beginning, about 15 s of it, is made for you to watch, for {first_low} to {first_high} yuan; "
        "the rest only after your yes. In all it will cost about {low} to {high} yuan.",
    ),
    "quote.taste_over": Sentence(
        "光是试听就至少要 {first_low} 元，超过了预算 {budget} 元。"
        "想继续就在 inbox/{job}/ 里放一个 yes.json，写明新的 budget_yuan。",
        "The taste alone costs {first_low} yuan at least, which is more than its budget of {budget}. "
        "To go on put yes.json with another budget_yuan into inbox/{job}/.",
    ),
    "quote.tasted": Sentence(
        "试听做好了，花了 {spent} 元；其余的还要大约 {low} 到 {high} 元。"
        "喜欢就在 inbox/{job}/ 里放一个 yes.json；不想要了就取消，不会再花钱。",
        "The taste is there and has cost {spent} yuan; the rest will cost about {low} to {high} yuan more. "
        "If you like it put yes.json into inbox/{job}/; if not, cancel: nothing more is paid for.",
    ),
    "quote.tasted_over": Sentence(
        "试听做好了，花了 {spent} 元；其余的至少还要 {low} 元，合起来超过了预算 {budget} 元。"
        "想继续就在 inbox/{job}/ 里放一个 yes.json，写明新的 budget_yuan。",
        "The taste is there and has cost {spent} yuan; the rest costs {low} yuan more at least, which together is more "
        "than its budget of {budget}. To go on put yes.json with another budget_yuan into inbox/{job}/.",
    ),
    "quote.unknown": Sentence(
        "没有 {name} 的价格，没法报价。",
        "There is no price for {name}, so there is no quote.",
    ),
    "job.final": Sentence("这个任务不能再继续了（{state}）。", "This job cannot be taken up again ({state})."),
    "job.over": Sentence(
        "这个任务已经结束（{state}），不能再取消。", "This job has ended ({state}); it cannot be cancelled."
    ),
    "job.unknown": Sentence("没有叫 {job} 的任务。", "There is no job called {job}."),
    "job.abandoned": Sentence(
        "这个任务失败后 7 天内没有人处理，已取消；为它制作的声音和中间文件已经删除。",
        "The job failed and nobody took it up within 7 days, so it was cancelled; the voice and the files made for it "
        "are deleted.",
    ),
    "budget.reached": Sentence(
        "这个故事的预算是 {budget} 元，已用 {spent} 元，下一步还要 {next} 元。任务暂停，等待运维决定。",
        "The budget of this story is {budget} yuan; {spent} are spent and the next step takes {next}. The job waits "
        "for the operator.",
    ),
    "job.not_erased": Sentence("任务 {job} 没有被彻底删除过。", "The job {job} was not erased."),
    "job.cancelled": Sentence(
        "这个任务已取消。为它制作的声音和中间文件已经删除，之后不再付费。",
        "This job was cancelled. The voice and the files made for it are deleted, and nothing more is paid for.",
    ),
    "step.decided": Sentence(
        "步骤 {step}/{item} 现在不等人决定。", "The step {step}/{item} does not wait for a person's decision now."
    ),
    # --- announcements
    "announce.asked": Sentence(
        "“{story}”要花多少钱算好了，请打开页面看看，点“好”才开始制作。",
        'What "{story}" will cost is known. Please open its page: it is made once you say yes.',
    ),
    "announce.done": Sentence("“{story}”做好了。", '"{story}" is ready.'),
    "announce.refused": Sentence("“{story}”需要修改。{why}", '"{story}" needs a change. {why}'),
    "announce.failed": Sentence("“{story}”没有做成。{why}", '"{story}" could not be made. {why}'),
    "announce.cancelled": Sentence("“{story}”已取消。{why}", '"{story}" was cancelled. {why}'),
    "announce.untold": Sentence(
        "通过 {channel} 通知不到任何人：试了约半天，已放弃。请检查它的设置。",
        "Nobody can be told through {channel}: given up after about half a day. Please look at its settings.",
    ),
    "announce.unreachable": Sentence("通知没有送到。", "An announcement did not arrive."),
    "announce.unanswered": Sentence("不知道通知是否送到。", "Nobody knows whether an announcement arrived."),
    "announce.settings": Sentence("通知的设置 {name} 不对。", "The setting {name} of the announcements is not right."),
    "internal": Sentence(
        "我们这边出了问题，已经通知工程师。你的文件都还在。",
        "Something broke on our side; the engineers have been told. Your files are safe.",
    ),
}
