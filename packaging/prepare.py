"""Makes a bare machine ready: system libraries, a private uv, the locked packages. Standard library only.

    python3 packaging/prepare.py run        what the program needs
    python3 packaging/prepare.py test       that, and the tools that check it
    python3 packaging/prepare.py package    what the program needs on any display, to be frozen with it

What is there already is left alone, and once all is there nothing touches the network. The environment's
settings for pip, uv, apt and proxies are honoured; no host is named here.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".prepared"
PRIVATE_UV = ROOT / ".uv"
UV_VERSION = "0.13.9"
UV_OLDEST = (0, 8, 0)
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PYTHON_OLDEST = (3, 11)
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")

# soname -> Debian package. What Qt's libraries and its platform plugins link against and no wheel carries.
OFF_SCREEN = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libz.so.1": "zlib1g",
}
X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND = {
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}


class PrepareError(Exception):
    """The machine cannot be made ready; the message is one line that says what to do."""


def say(message: str) -> None:
    print(f"prepare: {message}", flush=True)


def main(arguments: list[str]) -> int:
    if arguments not in (["run"], ["test"], ["package"]):
        print("usage: prepare.py run|test|package", file=sys.stderr)
        return 2
    if sys.version_info < PYTHON_OLDEST:
        return hand_over_to_newer_python(arguments)
    mode = arguments[0]
    try:
        # Before the stamp: a display can appear, or a library go, after the packages were installed.
        packages = missing_packages(needs_of_display(every=mode == "package"))
        if mode == "package":
            packages += packages_for_freezing()
            mode = "run"
        fresh = is_fresh(mode)
        if not fresh and find_uv() is None:
            packages += packages_for_venv()
        install_system_packages(packages)
        if not fresh:
            install_locked_packages(mode)
    except PrepareError as error:
        print(f"prepare: {error}", file=sys.stderr)
        return 1
    return 0


def hand_over_to_newer_python(arguments: list[str]) -> int:
    for name in PYTHONS:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            os.execv(found, [found, str(Path(__file__).resolve()), *arguments])  # noqa: S606
    print("prepare: Deltaglow needs Python 3.11 or newer; this is " + sys.version.split()[0], file=sys.stderr)
    return 1


# System libraries


def needs_of_display(*, every: bool) -> dict[str, str]:
    """The libraries needed off screen, and those for the display that the environment names, or for any."""
    if not sys.platform.startswith("linux"):
        return {}
    needs = dict(OFF_SCREEN)
    if every or os.environ.get("DISPLAY"):
        needs.update(X11)
    if every or os.environ.get("WAYLAND_DISPLAY"):
        needs.update(WAYLAND)
    return needs


def missing_packages(needs: dict[str, str]) -> list[str]:
    """The packages of those libraries that the loader itself cannot find, in order, each once."""
    missing = [package for soname, package in needs.items() if not loads(soname)]
    return list(dict.fromkeys(missing))


def packages_for_freezing() -> list[str]:
    """What PyInstaller calls and copies: objdump, and Python as a library, which Debian keeps apart."""
    packages = [] if shutil.which("objdump") else ["binutils"]
    library = str(sysconfig.get_config_var("INSTSONAME"))
    beside = Path(str(sysconfig.get_config_var("LIBDIR"))) / library
    if sys.platform.startswith("linux") and not (beside.exists() or loads(library)):
        packages.append(f"libpython{sys.version_info[0]}.{sys.version_info[1]}")
    return packages


def loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def install_system_packages(packages: list[str]) -> None:
    """Installs Debian packages, if there are any to install and this user may. Raises PrepareError."""
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise PrepareError(f"missing on this system (named as in Debian): {' '.join(packages)}")
    prefix = root_prefix()
    if prefix is None:
        raise PrepareError(f"system packages are missing; run: sudo {' '.join(command)}")
    say(f"installing system packages: {' '.join(packages)}")
    # The package lists of a fresh machine are empty or old: fetch them when the first try fails, not before.
    tries = ([command], [["apt-get", "update"], command])
    if not any(all(quietly([*prefix, *step]) for step in steps) for steps in tries):
        raise PrepareError(f"apt-get failed; to see why, run: {' '.join([*prefix[:1], *command])}")


def root_prefix() -> list[str] | None:
    """What to put before a command so that root runs it; None if this user cannot become root unasked."""
    settings = ["DEBIAN_FRONTEND=noninteractive"]
    settings += [
        f"{k}={v}" for k, v in os.environ.items() if k.lower() in {"http_proxy", "https_proxy", "no_proxy"}
    ]
    if os.geteuid() == 0:
        return ["env", *settings]
    if shutil.which("sudo") and quietly(["sudo", "-n", "true"]):
        return ["sudo", "-n", "env", *settings]
    return None


def quietly(command: list[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


# Python packages


def fingerprint() -> str:
    """Changes with anything that the environment was made from."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (ROOT / "uv.lock", ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_stamp() -> tuple[str, str, str]:
    """What .venv was made for (run or test), from (a fingerprint) and where; empty if it never was."""
    lines = STAMP.read_text().splitlines() if STAMP.is_file() and venv_python(VENV).exists() else []
    made_for, made_from, where = lines if len(lines) == 3 else ("", "", "")
    return made_for, made_from, where


def is_fresh(mode: str) -> bool:
    """True if the environment was made from what is here now, with at least what `mode` needs."""
    made_for, made_from, where = read_stamp()
    return made_for in {mode, "test"} and made_from == fingerprint() and where == str(ROOT)


def install_locked_packages(mode: str) -> None:
    """Brings .venv to what uv.lock says and stamps it. Raises PrepareError."""
    uv = find_uv() or install_uv()
    _, _, where = read_stamp()
    if where not in {"", str(ROOT)}:
        shutil.rmtree(VENV)  # the checkout has moved, and the scripts in it hold absolute paths
    STAMP.unlink(missing_ok=True)
    say("installing the locked Python packages into .venv")
    environment = uv_environment()
    wanted = [] if mode == "test" else ["--no-dev"]
    # uv takes the files from the addresses in its lock; someone who named another index cannot reach those.
    ways = [sync_with_uv, sync_with_pip]
    if index_of_environment():
        ways.reverse()
    if not any(way(uv, wanted, environment) for way in ways):
        raise PrepareError("the locked Python packages could not be installed; the reason is above")
    STAMP.write_text(f"{mode}\n{fingerprint()}\n{ROOT}\n")


def uv_environment() -> dict[str, str]:
    """This environment, with uv kept to this Python and to the project's own .venv."""
    kept = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"}}
    if SYSTEM_CERTIFICATES.exists():
        # As pip does here: uv otherwise knows only its own list, and a company's proxy is not on it.
        kept.setdefault("UV_SYSTEM_CERTS", "true")
    return {**kept, "UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON": sys.executable}


def sync_with_uv(uv: str, wanted: list[str], environment: dict[str, str]) -> bool:
    # Running the program is no reason to take the test tools away.
    keep = ["--inexact"] if wanted else []
    return ran([uv, "sync", "--frozen", *wanted, *keep], environment)


def sync_with_pip(uv: str, wanted: list[str], environment: dict[str, str]) -> bool:
    """The same packages with the same hashes, from wherever pip's own settings say."""
    listing = ROOT / "build" / f"locked-{'run' if wanted else 'test'}.txt"
    listing.parent.mkdir(exist_ok=True)
    export = [
        uv,
        "export",
        "--frozen",
        "--quiet",
        "--no-emit-project",
        *wanted,
        "--output-file",
        str(listing),
    ]
    index = index_of_environment()
    if index:
        environment = {"PIP_INDEX_URL": index, **environment}
    if not PRIVATE_UV.exists():
        make_private_venv()
    pip = [
        str(venv_python(PRIVATE_UV)),
        "-m",
        "pip",
        "--python",
        str(venv_python(VENV)),
        "install",
        "--quiet",
    ]
    return (
        ran(export, environment)
        and ran([uv, "venv", "--quiet", "--clear", str(VENV)], environment)
        and ran([*pip, "--require-hashes", "-r", str(listing)], environment)
        and ran([*pip, "--no-deps", "-e", str(ROOT)], environment)
    )


def index_of_environment() -> str:
    """The package index that someone set for this session in place of the default; empty if none."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    return ""


def find_uv() -> str | None:
    """A uv that is new enough: our own, or the system's."""
    own = venv_python(PRIVATE_UV).parent / "uv"
    for candidate in (str(own), shutil.which("uv")):
        if candidate and uv_version(candidate) >= UV_OLDEST:
            return candidate
    return None


def uv_version(uv: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ()
    match = re.match(r"uv (\d+)\.(\d+)\.(\d+)", answer)
    return tuple(map(int, match.groups())) if match else ()


def install_uv() -> str:
    """Puts the pinned uv into a private environment and returns its path. Raises PrepareError."""
    say(f"installing uv {UV_VERSION} into .uv")
    make_private_venv()
    python = venv_python(PRIVATE_UV)
    quiet = ["--quiet", "--disable-pip-version-check"]
    if not ran([str(python), "-m", "pip", "install", *quiet, f"uv=={UV_VERSION}"], dict(os.environ)):
        raise PrepareError(f"pip could not install uv {UV_VERSION}; the reason is above")
    return str(python.parent / "uv")


def packages_for_venv() -> list[str]:
    """Debian keeps the part of Python that puts pip into a new environment in a package of its own."""
    importlib.invalidate_caches()
    whole = importlib.util.find_spec("ensurepip") is not None
    return [] if whole else [f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"]


def make_private_venv() -> None:
    """A fresh .uv with pip in it. Raises PrepareError."""
    install_system_packages(packages_for_venv())
    made = ran([sys.executable, "-m", "venv", "--clear", str(PRIVATE_UV)], dict(os.environ))
    if not made:
        raise PrepareError(f"{sys.executable} could not make a virtual environment; the reason is above")


def venv_python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ran(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
