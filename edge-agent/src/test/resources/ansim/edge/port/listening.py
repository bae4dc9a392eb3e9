"""Runs a program with a listening Unix socket as descriptor 3, as systemd does (sd_listen_fds(3)): listening.py SOCKET PROGRAM ARGUMENT..."""
import os
import socket
import sys

if os.path.exists(sys.argv[1]):
    os.unlink(sys.argv[1])
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(16)
os.dup2(server.fileno(), 3)
os.set_inheritable(3, True)
os.environ["LISTEN_FDS"] = "1"
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
