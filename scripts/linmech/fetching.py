"""Download one file so that it is whole or absent: timeouts, retries with back-off, size checks, then a rename."""

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from linmech.errors import LinmechError
from linmech.files import atomic

BLOCK = 1 << 18
PASSING_STATUS = {408, 425, 429}


class FetchError(LinmechError):
    """A file could not be downloaded; the message names its URL and the reason."""


class BrokenDownloadError(Exception):
    """What arrived is not what was sent: worth another try. Raised by a `check` of `fetch`."""


PASSING = (
    BrokenDownloadError,
    urllib.error.URLError,
    http.client.HTTPException,
    ConnectionError,
    TimeoutError,
    ssl.SSLError,
)


@dataclass(frozen=True)
class Patience:
    """How long to wait: `timeout_s` without a byte, `attempts` tries, `backoff_s` before the 2nd, then doubled."""

    timeout_s: float = 60.0
    attempts: int = 3
    backoff_s: float = 2.0


def fetch(
    url: str,
    path: str | Path,
    *,
    patience: Patience = Patience(),
    limit: int | None = None,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Download `url` to `path`; `path` is replaced only by a file that is whole and that `check(partial)` accepts.

    `limit`: largest size in bytes. A `check` raises BrokenDownloadError to have another try, a LinmechError to give up.
    FetchError when the server refuses (a 4xx status), when the file is larger than `limit`, or after the last try.
    """
    if not url.startswith(("http://", "https://")):
        raise FetchError(f"{url}: not an http or https address; correct the config key that holds it")
    for attempt in range(1, patience.attempts + 1):
        try:
            with atomic(path) as partial:
                _download(url, partial, patience.timeout_s, limit)
                if check:
                    check(partial)
            return
        except PASSING as error:
            status = getattr(error, "code", None)
            refused = status is not None and status < 500 and status not in PASSING_STATUS
            if refused or attempt == patience.attempts:
                cure = "" if refused else "; check the network, then run again"
                raise FetchError(f"{url}: {_reason(error)} (tries: {attempt}){cure}") from error
            time.sleep(patience.backoff_s * 2 ** (attempt - 1))


def _download(url: str, path: Path, timeout: float, limit: int | None) -> None:
    """One try. BrokenDownloadError when the bytes received are not as many as Content-Length says."""
    received = 0
    with urllib.request.urlopen(url, timeout=timeout) as response, path.open("wb") as stream:
        expected = response.headers.get("Content-Length")
        expected = int(expected) if expected and expected.isdigit() else None
        while True:
            if limit is not None and max(received, expected or 0) > limit:
                raise FetchError(f"{url}: larger than the limit of {limit / 1e6:.1f} MB")
            block = response.read(BLOCK)
            if not block:
                break
            received += len(block)
            stream.write(block)
    if expected is not None and received != expected:
        raise BrokenDownloadError(f"truncated: {received} of {expected} bytes arrived")


def _reason(error: Exception) -> str:
    """A few words for a failed try."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP status {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    return "timed out" if isinstance(reason, TimeoutError) else f"{reason or type(reason).__name__}"
