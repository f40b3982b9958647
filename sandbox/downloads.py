"""Downloading the programs from where their projects publish them.

Nothing is kept whose SHA-256 sum is not known beforehand: from `digests.txt`, which
`make digests` fills, or else from the project itself, where it publishes sums.

SANDBOX_DOWNLOADS changes where: "off" downloads nothing, and an address such as
http://127.0.0.1:8080 is asked for what it mirrors, with the host as the first part of
the path (http://127.0.0.1:8080/dl.k8s.io/release/...).
"""

import os
import re
import shutil
import tarfile
import threading
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.errors import UserError
from sandbox.modules import Module, architecture
from sandbox.progress import say

RECORDED = Path(__file__).with_name("digests.txt")
"""The sums that are known beforehand, in the form in which pooch reads them."""

_PROBE = 10.0
"""Seconds that a host has to answer at all, else the programs are built."""

_SILENCE = 30.0
"""Seconds without a byte after which a download has failed."""


def base() -> str | None:
    """What comes before an address without a scheme; None if nothing is downloaded."""
    place = os.environ.get("SANDBOX_DOWNLOADS", "")
    if place == "off":
        return None
    return place.rstrip("/") + "/" if place else "https://"


def fetcher(target: Path, base: str) -> Any:
    """A pooch that downloads into `target`, and knows the sums of RECORDED."""
    # Not needed where all programs are in the cache, and slow to import.
    import pooch  # pyright: ignore[reportMissingTypeStubs]

    pooch.get_logger().setLevel("ERROR")  # it tells of each file
    made = pooch.create(path=target, base_url=base, retry_if_failed=1)
    if RECORDED.exists():
        made.load_registry(RECORDED)
    return made


def fetch(module: Module, target: Path, what: str) -> bool:
    """Downloads the programs of a module into the folder `target`.

    Returns False if they can't be had. Raises UserError if what came is not what
    was published: its checksum differs.
    """
    start = base()
    if start is None:
        return False
    files = fetcher(target, start)
    arch = architecture()
    addresses = {p: module.filled(module.published, p, arch) for p in module.programs}
    host = module.published.partition("/")[0]
    if not module.checksums and not files.registry.keys() >= {*addresses.values()}:
        say(
            f"{module.name} {module.version} is built, not downloaded: its project"
            f" publishes no checksum, and {RECORDED.name} has none"
        )
        return False
    if not _answers(start + host):
        return False
    say(f"downloading {what} from {host}")
    program = address = ""
    try:
        for program, address in addresses.items():
            if address not in files.registry:
                files.registry[address] = published_sum(module, program, arch, start)
            _download(files, module, program, address, target)
    except (OSError, EOFError, KeyError, tarfile.TarError) as error:
        say(f"{program} can't be downloaded ({error})")
        return False
    except ValueError:
        raise UserError(
            f"{start}{address} does not match its published checksum:"
            " try again later, or set SANDBOX_DOWNLOADS=off to build it"
        ) from None
    finally:
        shutil.rmtree(target / host, ignore_errors=True)
    return True


def published_sum(module: Module, program: str, arch: str, base: str) -> str:
    """What the project says that the SHA-256 sum of a file is. OSError if it doesn't.

    Only for modules with `checksums`.
    """
    name = module.filled(module.published, program, arch).rpartition("/")[2]
    address = module.filled(module.checksums or "", program, arch)
    for line in read(base + address).splitlines():
        words = line.split()
        # A sum alone, or before the file's name: in kind's list, with a path.
        if re.fullmatch(r"[0-9a-f]{64}", "".join(words[:1])) and (
            len(words) == 1 or words[-1].rpartition("/")[2] == name
        ):
            return f"sha256:{words[0]}"
    # Some networks answer with a page of their own.
    raise OSError(f"{address} has no checksum of it")


def read(address: str, **headers: str) -> str:
    """The text at an address."""
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=_SILENCE) as response:
        return response.read().decode(errors="replace")


def _download(
    files: Any, module: Module, program: str, address: str, target: Path
) -> None:
    import pooch  # pyright: ignore[reportMissingTypeStubs]

    # 1 MB at a time instead of 1 kB.
    got = files.fetch(address, downloader=pooch.HTTPDownloader(chunk_size=1 << 20))
    if module.member:
        member = module.filled(module.member, program, architecture())
        with tarfile.open(got) as archive:
            content = archive.extractfile(member)
            if content is None:
                raise tarfile.TarError(f"{member} is not a file")
            with (target / program).open("wb") as out:
                shutil.copyfileobj(content, out)
    else:
        shutil.move(got, target / program)
    (target / program).chmod(0o755)


@cache
def _answers(address: str) -> bool:
    """Whether the host says anything, be it an error, in a short time.

    Asked and told once.
    """
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(address, method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=_PROBE).close()
        except urllib.error.HTTPError:
            pass
        except OSError:
            return
        answered.set()

    # A thread, since looking up a name has no deadline of its own.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PROBE)
    if not answered.is_set():
        say(f"{address} does not answer, so nothing is downloaded from it")
    return answered.is_set()
