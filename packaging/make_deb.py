"""Makes a Debian package of the frozen folder, with a command, a menu entry, a file type and icons."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import prepare

RECIPE = prepare.ROOT / "packaging" / "deb"
ICONS = prepare.ROOT / "resources" / "icons"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
HINTED_BELOW = 24  # pixels: up to here the drawing made for 16 px is the clearer one


class DebError(Exception):
    """The package cannot be made; the message is one line."""


def build(frozen: Path, out: Path, version: str) -> Path:
    """Packs the frozen folder and returns the package. Raises DebError."""
    architecture = answer(["dpkg", "--print-architecture"])
    package = out / f"deltaglow_{version}_{architecture}.deb"
    print(f"package: packing {package.name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        tree.chmod(0o755)
        lay_out(frozen, tree)
        write_control(frozen, tree, version, architecture)
        done = subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "--build", str(tree), str(package)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise DebError(f"dpkg-deb failed: {done.stderr.strip()}")
    return package


def lay_out(frozen: Path, tree: Path) -> None:
    """Puts every file where it will be installed, readable by all whatever the umask here."""
    shutil.copytree(frozen, tree / "opt" / "deltaglow", symlinks=True)
    share = tree / "usr" / "share"
    copy(RECIPE / "deltaglow.desktop", share / "applications" / "deltaglow.desktop")
    copy(RECIPE / "deltaglow.xml", share / "mime" / "packages" / "deltaglow.xml")
    copy(ICONS / "deltaglow.svg", share / "icons" / "hicolor" / "scalable" / "apps" / "deltaglow.svg")
    render_icons(share / "icons" / "hicolor")
    licence = (prepare.ROOT / "LICENSE").read_text(encoding="utf-8")
    licence = "\n".join(f" {line}" if line else " ." for line in licence.splitlines())
    notice = (RECIPE / "copyright.in").read_text(encoding="utf-8").replace("@LICENSE@", licence)
    write(share / "doc" / "deltaglow" / "copyright", notice)
    command = tree / "usr" / "bin" / "deltaglow"
    command.parent.mkdir(parents=True)
    command.symlink_to("../../opt/deltaglow/deltaglow")
    for path in tree.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if runs else 0o644)


def write_control(frozen: Path, tree: Path, version: str, architecture: str) -> None:
    text = (RECIPE / "control.in").read_text(encoding="utf-8")
    values = {
        "VERSION": version,
        "ARCHITECTURE": architecture,
        "SIZE": str(size_of(tree) // 1024),
        "DEPENDS": ", ".join(depends(frozen)),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    write(tree / "DEBIAN" / "control", text)


def render_icons(hicolor: Path) -> None:
    """Draws the icon at each size, in a process of its own: Qt is needed for nothing else here."""
    program = (
        "import sys; from PySide6.QtGui import QGuiApplication, QImage, QPainter;"
        "from PySide6.QtSvg import QSvgRenderer; app = QGuiApplication([]); svg, size, png = sys.argv[1:];"
        "image = QImage(int(size), int(size), QImage.Format.Format_ARGB32); image.fill(0);"
        "painter = QPainter(image); QSvgRenderer(svg).render(painter); painter.end();"
        "sys.exit(not image.save(png))"
    )
    for size in SIZES:
        png = hicolor / f"{size}x{size}" / "apps" / "deltaglow.png"
        png.parent.mkdir(parents=True)
        drawing = "deltaglow-16.svg" if size < HINTED_BELOW else "deltaglow.svg"
        command = [sys.executable, "-c", program, str(ICONS / drawing), str(size), str(png)]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        if subprocess.run(command, env=environment, check=False).returncode:
            raise DebError(f"the icon could not be drawn at {size} px")


def depends(frozen: Path) -> list[str]:
    """The packages of the libraries that the frozen files link against and the folder does not bring.

    The C library is required as new as the one here, on which everything else was linked.
    """
    libraries = [path for path in frozen.rglob("*") if path.is_file() and is_elf(path)]
    brought = {path.name for path in frozen.rglob("*")}
    needed: set[str] = set()
    for path in libraries:
        needed.update(re.findall(r"^\s+NEEDED\s+(\S+)$", answer(["objdump", "-p", str(path)]), re.MULTILINE))
    packages = {package_of(soname) for soname in needed - brought}
    floor = (os.confstr("CS_GNU_LIBC_VERSION") or "glibc 2.36").split()[-1]
    return [f"libc6 (>= {floor})", *sorted(packages - {"libc6"})]


def package_of(soname: str) -> str:
    known = {**prepare.OFF_SCREEN, **prepare.X11, **prepare.WAYLAND}
    if soname in known:
        return known[soname]
    match = re.search(rf"^\s+{re.escape(soname)} .*=> (\S+)$", answer(["/sbin/ldconfig", "-p"]), re.MULTILINE)
    if match is None:
        raise DebError(f"no library {soname} on this system, though the frozen program links against it")
    for path in (match.group(1), os.path.realpath(match.group(1)), match.group(1).removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise DebError(f"no package owns {match.group(1)}, which the frozen program links against")


def is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def answer(command: list[str]) -> str:
    """What a command prints. Raises DebError."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip("\n")
    except (OSError, subprocess.CalledProcessError) as error:
        raise DebError(f"{command[0]} failed: {error}") from error


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
