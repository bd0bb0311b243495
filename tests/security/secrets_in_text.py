"""Made-up secrets in every form in which they meet us, each with the part of it that nobody may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SIGNED_V1 = "https://echobot-input.oss-cn-beijing.aliyuncs.com/inbox/fox/photo.png?Expires=1790&OSSAccessKeyId={0}&Signature={0}"
SIGNED_V4 = (
    "https://echobot-work.oss-cn-beijing.aliyuncs.com/jobs/fox/a.wav?x-oss-signature-version=OSS4-HMAC-SHA256"
    "&x-oss-credential={0}%2F20261121&x-oss-security-token={0}&x-oss-signature={0}"
)

BARE = "{0}"
FORMS = (
    SIGNED_V1,
    SIGNED_V4,
    SIGNED_V1.replace("https://", "http://"),
    "HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: /a.mp4?Expires=1&Signature={0} (Caused by",
    "/jobs/a.wav?x-oss-security-token={0}&x-oss-credential={0}",
    "https%3A%2F%2Fbucket.oss-cn-beijing.aliyuncs.com%2Fa%3FSignature%3D{0}",
    "oss://bucket/{0}",
    "sk-{0}",
    "Authorization: Bearer sk-{0}",
    "Authorization: OSS4-HMAC-SHA256 Credential={0}/20261121/cn-beijing/oss/aliyun_v4_request,Signature={0}",
    "'Authorization': 'acs {0}:{0}'",
    "LTAI5t{0}",
    "STS.NT{0}",
    '{{"AccessKeyId": "STS.{0}", "AccessKeySecret": "{0}", "SecurityToken": "{0}"}}',
    "{{'access_key_secret': '{0}'}}",
    '{{\\"SecurityToken\\": \\"{0}\\"}}',
    "ALIBABA_CLOUD_SECURITY_TOKEN={0}",
    "ECHOBOT_MODEL_STUDIO_API_KEY = {0}",
    "x-acs-security-token:{0}",
    "password={0}",
    BARE,
)
NAMES = (
    "Authorization",
    "x-oss-security-token",
    "SecurityToken",
    "access_key_secret",
    "accessKeyId",
    "apiKey",
    "signature",
    "model_studio_api_key",
    "password",
    "client_secret",
    "consent",
    "who",
    "text",
)


@st.composite
def secrets(draw: Callable[..., Any]) -> str:
    """30 to 60 letters of both cases and digits, as access keys and tokens are."""
    body = draw(st.text(LETTERS, min_size=27, max_size=57))
    return f"{body}aZ7"


signatures = st.text("0123456789abcdef", min_size=32, max_size=64)
"""By themselves they look like any digest; what stands before them gives them away."""


@st.composite
def leaks(draw: Callable[..., Any]) -> tuple[str, str]:
    """A secret, and a text that holds it."""
    form = draw(st.sampled_from(FORMS))
    secret = draw(secrets() if form == BARE else st.one_of(secrets(), signatures))
    words = st.text("abc 很,;:=()[]{}\"'\\/?&\n", max_size=30)
    separator = draw(st.sampled_from([" ", "\n", "\t", ", ", '"', "(", "'"]))
    held = form.format(secret)
    return secret, f"{draw(words)}{separator}{held}{draw(st.sampled_from(['', ' ', ')', '.', chr(10)]))}{draw(words)}"
