# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Put a server that can end in two ways, and a caller, into a ConfigMap."""

from kubernetes import client, config

NAMESPACE = "overview-traffic"

SERVER = """
import os, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(float(self.path[1:] or 0))  # "/30" takes half a minute
        self.send_response(200)
        self.end_headers()

def end_at_once(*_):
    os._exit(0)

def end_gracefully(*_):  # has serve_forever() return, below
    threading.Thread(target=server.shutdown).start()

server = ThreadingHTTPServer(("", 8080), Handler)
server.daemon_threads = False
graceful = sys.argv[1] == "gracefully"
signal.signal(signal.SIGTERM, end_gracefully if graceful else end_at_once)
server.serve_forever()
server.server_close()  # takes no more connections, finishes the requests it has
"""

CALLER = """
import json, sys, threading, time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer

SHORT, LONG = 0, 30  # seconds that the server takes for a request
# Callers side by side, for each server: how long their requests take, when they begin.
CALLERS = 4 * [(SHORT, 0)] + 6 * [(LONG, 0)] + [(LONG, t) for t in range(5, 35, 5)]
stop, lock, counts = threading.Event(), threading.Lock(), {}

def count(host, what):
    with lock:
        counts[host][what] += 1

def keep_calling(host, seconds, begin):
    stop.wait(begin)
    while not stop.wait(0.02):
        connection = HTTPConnection(host, timeout=seconds + 10)
        count(host, "requests")
        connected = None
        try:
            connection.connect()
            connected = time.monotonic()
            connection.request("GET", f"/{seconds}")
            connection.getresponse()
        except OSError:
            cut = connected and time.monotonic() - connected > 1
            count(host, "cut off" if cut else "turned away")
        connection.close()

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # who asks for the counts ends the calls
        stop.set()
        for caller in callers:
            caller.join()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(counts).encode())

callers = []
for host in sys.argv[1:]:
    counts[host] = {"requests": 0, "turned away": 0, "cut off": 0}
    callers += [threading.Thread(target=keep_calling, args=(host, *c)) for c in CALLERS]
for caller in callers:
    caller.start()
server = HTTPServer(("", 8080), Handler)
while not stop.is_set():
    server.handle_request()
"""

config.load_kube_config()
core = client.CoreV1Api()

programs = {"server.py": SERVER, "caller.py": CALLER}
core.create_namespaced_config_map(
    NAMESPACE,
    {"metadata": {"name": "programs"}, "data": programs},
    _request_timeout=10,
)
print(*programs)
#> server.py caller.py
