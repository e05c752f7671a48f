"""Which OpenGL draws without a screen: chosen once per process, before pyrender is imported.

PyOpenGL reads PYOPENGL_PLATFORM when it is imported and cannot change its mind, and an EGL library that loads may still
refuse to make a context. So every candidate draws in a process of its own first, and only one that works is used here.
"""

import functools
import os
import subprocess
import sys
import types

import numpy as np

from linmech.errors import LinmechError

CANDIDATES = (("egl", "0"), ("egl", "1"), ("egl", "2"), ("osmesa", "0"))
# The platform code of pyrender without the rest of pyrender, which takes seconds to import.
PROBE = """
import importlib.util, os, sys, types
package = types.ModuleType("pyrender")
package.__path__ = importlib.util.find_spec("pyrender").submodule_search_locations
sys.modules["pyrender"] = package
if os.environ["PYOPENGL_PLATFORM"] == "egl":
    from pyrender.platforms import egl
    platform = egl.EGLPlatform(8, 8, egl.get_device_by_index(int(os.environ["EGL_DEVICE_ID"])))
else:
    from pyrender.platforms.osmesa import OSMesaPlatform
    platform = OSMesaPlatform(8, 8)
platform.init_context()
platform.make_current()
"""
PROBE_SECONDS = 60


def works(platform: str, device: str) -> bool:
    """Whether a fresh process can make an OpenGL context with this PYOPENGL_PLATFORM and EGL_DEVICE_ID."""
    if platform not in ("egl", "osmesa"):
        return False
    environment = os.environ | {"PYOPENGL_PLATFORM": platform, "EGL_DEVICE_ID": device}
    try:
        probe = subprocess.run(
            [sys.executable, "-c", PROBE], env=environment, capture_output=True, timeout=PROBE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return probe.returncode == 0


def choose_platform() -> tuple[str, str]:
    """The first (PYOPENGL_PLATFORM, EGL_DEVICE_ID) that works, the environment's own wish before all others.

    Raises LinmechError that names the packages to install when none does.
    """
    wish = (os.environ.get("PYOPENGL_PLATFORM", "egl"), os.environ.get("EGL_DEVICE_ID", "0"))
    for platform, device in dict.fromkeys((wish, *CANDIDATES)):
        if works(platform, device):
            return platform, device
    raise LinmechError(
        "no OpenGL without a screen: neither EGL nor OSMesa makes a context; install one of the system packages "
        "libegl1 with libgl1-mesa-dri (apt install libegl1 libgl1-mesa-dri) or libosmesa6 (apt install libosmesa6)"
    )


@functools.cache
def import_pyrender() -> types.ModuleType:
    """pyrender, imported after a platform that works was chosen; pyrender 0.1.45 needs a name that numpy 2 dropped.

    Its window is left out: nothing here opens one, and pyglet, which it imports, fails with an AttributeError on
    servers that have some of X11's libraries and not others.
    """
    if "OpenGL" not in sys.modules:
        os.environ["PYOPENGL_PLATFORM"], os.environ["EGL_DEVICE_ID"] = choose_platform()
    if not hasattr(np, "infty"):
        np.infty = np.inf
    window = types.ModuleType("pyrender.viewer")
    window.Viewer = None
    sys.modules.setdefault(window.__name__, window)
    import pyrender

    return pyrender


@functools.cache
def the_screen():
    """The one off-screen renderer of this process: a second would be closed together with the first.

    Callers set its `viewport_width` and `viewport_height` before each drawing.
    """
    return import_pyrender().OffscreenRenderer(8, 8)
