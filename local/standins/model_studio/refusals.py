"""The refusals of Model Studio in its own words (help.aliyun.com/zh/model-studio/error-code and each model's page)."""

from __future__ import annotations

from local.engines.contract import RejectionError
from local.engines.workers import EngineFailedError
from local.standins.errors import VendorError

# Sample checks of voice enrolment answer with a status of their own.
_STATUS_430 = frozenset(
    {"Audio.DecoderError", "Audio.FileSizeExceed", "Audio.AudioRateError", "Audio.AudioSilentError"}
)


def missing_parameters() -> VendorError:
    return invalid_parameter(
        "The request is missing required parameters or in a wrong format, please check the parameters that you send."
    )


def invalid_parameter(message: str) -> VendorError:
    return VendorError(400, "InvalidParameter", message)


def wrong_address() -> VendorError:
    """A model at the wrong path, or a path that is not there."""
    return invalid_parameter("url error, please check url！")


def unknown_model() -> VendorError:
    return VendorError(404, "ModelNotFound", "Model can not be found.")


def switched_off() -> VendorError:
    return VendorError(403, "Endpoint.AccessDenied", "Workspace endpoint access denied.")


def too_many_requests() -> VendorError:
    return VendorError(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.")


def too_many_voices() -> VendorError:
    return VendorError(429, "Throttling.AllocationQuota", "Maximum voice-clone voice limit exceeded.")


def no_such_voice() -> VendorError:
    return VendorError(400, "BadRequest.ResourceNotExist", "The Required resource not exist.")


def voice_does_not_fit() -> VendorError:
    """An unknown voice, one that is not deployed, or one of another model."""
    return invalid_parameter("[tts:]Engine return error code: 418")


def bad_sample_url() -> VendorError:
    """CosyVoice answers a sample it cannot fetch like this, status 500 though trying again is of no use."""
    return VendorError(500, "InternalError", "audio preprocess server error")


def engine_failed(error: EngineFailedError) -> VendorError:
    """What the vendor says when a model breaks; the words in brackets are the stand-in's, for whoever reads its log."""
    return VendorError(500, "InternalError.Algo", f"inference internal error. ({error})")


def bad_sample(error: RejectionError) -> VendorError:
    return VendorError(430 if error.code in _STATUS_430 else 400, error.code, error.message)


def sample_too_big() -> VendorError:
    return VendorError(430, "Audio.FileSizeExceed", "File too large")


def bad_url() -> VendorError:
    return VendorError(400, "InvalidURL", "Required URL is missing or invalid, please check the request URL.")


def bad_picture_url() -> VendorError:
    return VendorError(
        400,
        "InvalidURL",
        "The request URL is invalid, please check the request URL is available and the request image format is one of "
        "the following types: JPEG, JPG, PNG, BMP, and WEBP.",
    )


def download_timed_out() -> VendorError:
    return VendorError(
        400,
        "InvalidParameter.DataInspection",
        "Unable to download the media resource during the data inspection process.",
    )


def bad_resolution() -> VendorError:
    return VendorError(
        400,
        "InvalidFile.Resolution",
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, "
        "and the smallest length of image is larger than 400.",
    )


def bad_sound_type() -> VendorError:
    return VendorError(400, "InvalidURL", "File type is not supported. Allowed types are: .wav, .mp3.")


def sound_too_big() -> VendorError:
    return VendorError(400, "InvalidURL", "File size is larger than 15MB.")


def sound_too_long(limit_s: int) -> VendorError:
    return VendorError(400, "InvalidURL", f"The input audio is longer than {limit_s}s!")


def sound_out_of_range() -> VendorError:
    return VendorError(400, "InvalidFile.AudioLengthError", "Audio length must be between 1s and 180s.")


def not_pending() -> VendorError:
    return VendorError(
        400, "UnsupportedOperation", "Failed to cancel the task, please confirm if the task is in PENDING status."
    )


def bad_key(message: str) -> VendorError:
    return VendorError(401, "InvalidApiKey", message)


def only_asynchronous() -> VendorError:
    return VendorError(403, "AccessDenied", "current user api does not support synchronous calls.")


def only_synchronous() -> VendorError:
    return VendorError(403, "AccessDenied", "current user api does not support asynchronous calls.")
