"""A stand-in of Alibaba Cloud OSS: `state` holds the rules, `api` speaks the wire protocol."""

from local.standins.oss.api import OssApi
from local.standins.oss.errors import OssError
from local.standins.oss.events import ObjectEvent
from local.standins.oss.objects import StoredObject
from local.standins.oss.state import OssState

__all__ = ["ObjectEvent", "OssApi", "OssError", "OssState", "StoredObject"]
