#!/usr/bin/python3
"""Serves an MP4 file with H.264 over RTSP on 127.0.0.1, for the tests.

rtsp.py FILE PORT [USER PASSWORD]

With port 0 the system picks one. Prints the port, and ends when its standard input does. With a user, digest authentication is asked for. Needs, on Debian: gir1.2-gst-rtsp-server-1.0,
gstreamer1.0-plugins-good, gstreamer1.0-plugins-bad, python3-gi.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
for element in ["qtdemux", "h264parse", "rtph264pay"]:
    if Gst.ElementFactory.find(element) is None:
        sys.exit(f"GStreamer lacks {element}")

file, port, *login = sys.argv[1:]
loop = GLib.MainLoop()
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)

factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(f'( filesrc location="{file}" ! qtdemux ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )')
if login:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    viewer = GstRtspServer.RTSPToken.new()
    viewer.set_string("media.factory.role", "viewer")
    auth.add_digest(login[0], login[1], viewer)
    server.set_auth(auth)
    factory.add_role_from_structure(
        Gst.Structure.new_from_string("viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true")
    )
server.get_mount_points().add_factory("/stream", factory)

if server.attach(None) == 0:
    sys.exit("cannot listen")
print(server.get_bound_port(), flush=True)
GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
loop.run()
