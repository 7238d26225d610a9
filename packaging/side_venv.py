"""Environments beside the real one, for other people's heavy programs. Run prepare.py first.

python3 packaging/side_venv.py bench      build/bench-venv: scikit-learn and MKL (locked), PyTorch's CPU build
python3 packaging/side_venv.py package    build/package-venv: PyInstaller (locked), and no tools
"""

from __future__ import annotations

import sys
from pathlib import Path

import prepare

KINDS = {
    # --inexact leaves PyTorch where it is, which no lock knows.
    "bench": ["--group", "bench", "--extra", "mkl", "--inexact"],
    # The frozen program is collected from the checkout, so an installed copy would only be a second one.
    "package": ["--group", "package", "--no-dev", "--no-install-project"],
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in KINDS:
        print(f"usage: side_venv.py {'|'.join(KINDS)}", file=sys.stderr)
        return 2
    kind = arguments[0]
    venv = prepare.ROOT / "build" / f"{kind}-venv"
    stamp = venv / ".prepared"
    if stamp.is_file() and stamp.read_text() == prepare.fingerprint():
        return 0
    try:
        install(kind, venv)
    except prepare.PrepareError as error:
        print(f"side_venv: {error}", file=sys.stderr)
        return 1
    stamp.write_text(prepare.fingerprint())
    return 0


def install(kind: str, venv: Path) -> None:
    """Makes the environment. Raises PrepareError."""
    uv = prepare.find_uv() or prepare.install_uv()
    environment = {**prepare.uv_environment(), "UV_PROJECT_ENVIRONMENT": str(venv)}
    prepare.say(f"installing into {venv.relative_to(prepare.ROOT)}")
    if not prepare.ran([uv, "sync", "--frozen", *KINDS[kind]], environment):
        raise prepare.PrepareError(f"the packages for `{kind}` could not be installed; the reason is above")
    if kind == "bench":
        install_torch(uv, venv, environment)


def install_torch(uv: str, venv: Path, environment: dict[str, str]) -> None:
    """PyTorch for the processor alone where its makers' index can be reached, else as the index has it."""
    command = [uv, "pip", "install", "--python", str(prepare.venv_python(venv)), "torch"]
    if not any(prepare.ran([*command, *extra], environment) for extra in (["--torch-backend", "cpu"], [])):
        raise prepare.PrepareError("PyTorch could not be installed; the reason is above")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
