"""Opens the window on the worked example; without a display, shows the same as text and as a picture."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "build" / "worked-example.png"
PROGRAM = [sys.executable, "-m", "deltaglow"]
EXAMPLE = "@worked-example"


def main() -> int:
    if has_display():
        return subprocess.run([*PROGRAM, EXAMPLE], check=False).returncode
    print("No display here: the worked example follows as text, and its window as a picture.\n", flush=True)
    PICTURE.parent.mkdir(exist_ok=True)
    solve = [*PROGRAM, "solve", EXAMPLE]
    shot = [*PROGRAM, "shot", EXAMPLE, "--phase", "delta:1", "--select", "delta[1][0]", "--out", str(PICTURE)]
    for command in (solve, shot):
        done = subprocess.run(command, check=False).returncode
        if done:
            return done
    print(f"\nThe window: {PICTURE}")
    return 0


def has_display() -> bool:
    """True if a window can be opened, asked of the display itself: a DISPLAY may be set and dead."""
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal")):
        return False
    return has_wayland() or has_x11()


def has_wayland() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    # An absolute name stands for itself, as it does for Wayland.
    address = Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(address))
        except OSError:
            return False
    return True


def has_x11() -> bool:
    if not os.environ.get("DISPLAY"):
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)  # a refused connection is an object too: ask it, then free it
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


if __name__ == "__main__":
    sys.exit(main())
