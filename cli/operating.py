"""The commands of whoever runs a deployment: is it sound, what does it cost, what do its functions say, call one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli import clouds, completion, documents
from cli.refusals import DONE, FAILED, errors, refuse
from local import home
from shared.domain.prices import yuan
from shared.log import redact_text
from shared.ports import Columns, Table
from shared.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

console = Console()
STORE_WORDS = {
    "": ("日志服务没有回答", "Simple Log Service did not answer"),
    "ProjectNotExist": (
        "没有日志项目：更新 ROS 资源栈，或检查前缀和地域",
        "There is no log project: update the ROS stack",
    ),
    "LogStoreNotExist": ("没有日志库：更新 ROS 资源栈", "There is no log store: update the ROS stack"),
    "IndexConfigNotExist": ("日志库没有索引：更新 ROS 资源栈", "The log store has no index: update the ROS stack"),
    "Unauthorized": (
        "这个访问密钥不能读日志：给它 log:GetLogStoreLogs 权限",
        "This access key may not read the log: allow it log:GetLogStoreLogs",
    ),
    "SignatureNotMatch": ("访问密钥的密码不对", "The secret of the access key is wrong"),
    "RequestTimeExpired": ("本机时钟不准：打开时间同步（NTP）", "This machine's clock is off: switch NTP on"),
    "account.credentials": ("没有访问密钥", "There is no access key"),
}
"""What is wrong and what to do about it, by the service's code."""

COLOURS = {"ok": "green", "wrong": "red", "note": "yellow"}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (doctor, setup, cost, logs, invoke):
        app.command()(command)


def doctor(as_json: AsJson = False) -> None:
    """Look at a deployment before the first upload: each line says what, how it is, and how to mend it."""
    from cli.doctor import examine, exit_code  # noqa: PLC0415  imports the SDKs of all services
    from cli.inspection import Inspector  # noqa: PLC0415  as above
    from local import deployment  # noqa: PLC0415  as above

    findings = []
    with clouds.opened() as env:
        settings = Settings.from_env(env)
        expected = deployment.read(env, region=settings.region, account_id=settings.account_id)
        for finding in examine(Inspector(settings, env), expected):
            findings.append(finding)
            if as_json:
                continue
            mark = f"[{COLOURS[finding.state]}]{finding.state.value:5}[/]"
            console.print(f"{mark} {finding.what}: {_words(finding.found)}", soft_wrap=True, highlight=False)
            if finding.mend[1]:
                console.print(f"      → {_words(finding.mend)}", soft_wrap=True, highlight=False)
    if as_json:
        said = documents.said
        put_json(
            {"what": one.what, "state": one.state.value, "found": said(one.found), "mend": said(one.mend)}
            for one in findings
        )
    raise typer.Exit(exit_code(findings))


def setup(as_json: AsJson = False) -> None:
    """After a deployment: what neither s.yaml nor template.yaml can do. May be repeated."""
    from cli.installing import install  # noqa: PLC0415  imports SDKs that nothing else needs

    with clouds.opened() as env:
        done = install(Settings.from_env(env), env)
        if as_json:
            put_json([documents.said(words) for words in done])
        for words in [] if as_json else done:
            console.print(_words(words), soft_wrap=True, highlight=False)


def cost(
    job: Annotated[str, typer.Argument(help="Name of the job; without one, all jobs.")] = "", as_json: AsJson = False
) -> None:
    """What a job has cost, call by call; or what each job has cost."""
    with clouds.connected() as world:
        rows = world.rows.range(Table.EFFECTS, (job,) if job else ())
        if job and world.rows.get(Table.JOBS, (job,)) is None:
            raise refuse(f"没有叫 {job} 的任务", f"There is no job called {job}")
    spent = _spent((key[1:] if job else key[:1], columns) for key, columns in rows)
    told = [{"name": name, "calls": calls, "yuan": yuan(micro)} for name, (calls, micro) in sorted(spent.items())]
    whole = yuan(sum(micro for _, micro in spent.values()))
    if as_json:
        put_json({"job": job, "of": told, "yuan": whole})
        return
    for one in told:
        console.print(f"{one['yuan']:>10}  {one['calls']:>4} ×  {one['name']}", highlight=False)
    console.print(f"{whole:>10}  yuan", highlight=False)


def logs(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back, where the log is in the cloud.")] = 7,
    as_json: AsJson = False,
) -> None:
    """What the functions said about a job, in order."""
    is_real = clouds.is_configured() and not os.environ.get("ECHOBOT_ENDPOINT")
    for line in _about(job, _asked(job, days) if is_real else _written(home.default_home() / "logs")):
        if as_json:
            console.print(json.dumps(line, ensure_ascii=False), soft_wrap=True, highlight=False, markup=False)
        else:
            rest = {name: value for name, value in line.items() if name not in {"at", "event", "function", "job"}}
            told = " ".join(f"{name}={value}" for name, value in rest.items() if value not in {"", "-"})
            shown = f"{line['at']:.3f}  {line['function']:24} {line['event']:10} {told}"
            console.print(shown, soft_wrap=True, highlight=False, markup=False)


def invoke(
    function: Annotated[
        str,
        typer.Argument(
            help="Name of the function, without the prefix: sweep, speak.", autocompletion=completion.functions
        ),
    ],
    event: Annotated[Path | None, typer.Option(help="A file with the event; {} by default.")] = None,
    wake: Annotated[str, typer.Option(help="Instead: the key of a wake, as if it had just been put.")] = "",
    later: Annotated[int | None, typer.Option(help="Do not wait: have it called after so many seconds.")] = None,
    service: Annotated[str, typer.Option(help="The service it is in, for accounts with FC 2.0.")] = "",
    as_json: AsJson = False,
) -> None:
    """Call a function by hand. Safe: the rows decide what it does."""
    from cli.invoker import Fc2Invoker, Fc3Invoker, InvocationError  # noqa: PLC0415  imports FC's SDKs

    with clouds.opened() as env:
        settings = Settings.from_env(env)
        body = _woken(settings, wake) if wake else event.read_bytes() if event else b"{}"
        name = f"{env.get('ECHOBOT_PREFIX') or 'echobot'}-{function}"
        invoker = Fc2Invoker(settings, env, service) if service else Fc3Invoker(settings, env)
        try:
            if later is not None:
                invoker.send(name, body, later)
                if as_json:
                    put_json({"function": name, "later_s": later})
                else:
                    console.print(f"{name}: in {later} s", highlight=False)
                return
            answer = invoker.call(name, body)
        except InvocationError as error:
            errors.print(f"{name}: {error}", style="red", soft_wrap=True)
            raise typer.Exit(FAILED) from error
    text = redact_text(answer.body.decode("utf-8", "replace"))
    if as_json:
        put_json({"function": name, "answer": text, "error": answer.error})
    else:
        console.print(text, soft_wrap=True, highlight=False, markup=False)
    raise typer.Exit(FAILED if answer.error else DONE)


def put_json(document: Any) -> None:
    """The document on standard output, and nothing else."""
    text = json.dumps(list(document) if isinstance(document, Iterator) else document, ensure_ascii=False, indent=2)
    console.print(text, soft_wrap=True, highlight=False, markup=False)


def _spent(rows: Iterable[tuple[tuple[str, ...], Columns]]) -> dict[str, tuple[int, int]]:
    """Calls and millionths of a yuan by name."""
    found: dict[str, tuple[int, int]] = {}
    for key, columns in rows:
        name = "/".join(part for part in key if part != "-")
        calls, micro = found.get(name, (0, 0))
        found[name] = calls + int(columns.get("sends", 0)), micro + int(columns.get("spent", 0))
    return found


def _asked(job: str, days: int) -> Iterable[str]:
    """What Simple Log Service has, and a word when that is not all."""
    from cli.log_store import LINES_MAX, STORE, LogStore, LogStoreError, query_of  # noqa: PLC0415  imports requests

    env = clouds.named(os.environ)
    store = LogStore(env.get("ECHOBOT_PREFIX") or "echobot", Settings.from_env(env).region, env)
    try:
        told = store.about(job, days)
    except LogStoreError as error:
        place = f"project {store.project}, store {STORE}: {query_of(job)}"
        for words in (*STORE_WORDS.get(error.code, STORE_WORDS[""]), f"{error}", place):
            errors.print(words, style="red", soft_wrap=True, markup=False)
        raise typer.Exit(FAILED) from error
    if not told.is_complete:
        errors.print(f"日志不全，最多 {LINES_MAX} 行：用 --days 缩短", style="yellow", soft_wrap=True)
        errors.print(f"Not all of it, at most {LINES_MAX} lines: ask for fewer --days", style="yellow", soft_wrap=True)
    return told.texts


def _written(folder: Path) -> Iterator[str]:
    """What the functions of a local cloud wrote."""
    for path in folder.glob("*.log"):
        yield from path.read_text(errors="replace").splitlines()


def _about(job: str, texts: Iterable[str]) -> list[Mapping[str, Any]]:
    """Of what functions wrote, the JSON lines about a job, in order."""
    lines = (_line(text) for text in texts if f'"{job}"' in text)
    return sorted((one for one in lines if job in (one.get("job"), one.get("about"))), key=lambda one: float(one["at"]))


def _line(text: str) -> Mapping[str, Any]:
    """Nothing when it is something else: a traceback, a line that was cut."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _woken(settings: Settings, key: str) -> bytes:
    """OSS's event of a wake."""
    place = {"bucket": {"name": settings.work_bucket}, "object": {"key": key}}
    return json.dumps({"events": [{"eventName": "ObjectCreated:PutObject", "oss": place}]}).encode()


def _words(words: tuple[str, str]) -> str:
    zh, en = words
    return zh if zh == en else f"{zh} / {en}"
