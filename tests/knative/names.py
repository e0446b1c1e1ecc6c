"""Names of a cluster without DNS: an nginx forward proxy from host names to local ports.

It keeps a log of who was asked with which event.

Knative's programs are written in Go, whose HTTP client takes a proxy from HTTP_PROXY.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from local.processes import Program, free_port
from tests.knative.daemons import daemon, find
from tests.knative.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{ worker_connections 8192; }}
http {{
    log_format asked '$http_ce_source $http_ce_id $host';
    access_log {folder}/asked.log asked;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    client_max_body_size 64m;
    client_body_buffer_size 2m;
    large_client_header_buffers 4 2m;
    map_hash_bucket_size 256;
    map $host $port {{
        default "";
        {ports}
    }}
    # Longer than clients keep a connection: who is closed upon while sending has lost an event.
    keepalive_timeout 1h;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /version {{ return 200 "{version}"; }}
        location / {{
            if ($port = "") {{ return 502; }}
            proxy_pass http://127.0.0.1:$port$request_uri;
            proxy_set_header Host $host;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_read_timeout 900s;
        }}
    }}
}}
"""


class Names:
    """The proxy, and where it leads."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ports: dict[str, int] = {}
        self.version = 0
        command = [find("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
        # By TERM, because a worker outlives a master that was killed.
        self.program: Program = daemon("nginx", command, folder, last_signal="TERM")

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to know the names."""
        proxy = dict.fromkeys(("HTTP_PROXY", "http_proxy"), self.url)
        return proxy | dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")

    def lead(self, ports: dict[str, int]) -> None:
        """Lead more host names to local ports; a name that starts with ~ is a pattern."""
        self.ports |= ports
        self.version += 1
        self._configure()
        if self.program.process is None:
            self.program.start()
        else:
            self.program.process.send_signal(signal.SIGHUP)
        wait_for("nginx knows the names", self._is_new)

    def resolve(self, url: str) -> str:
        """Return the address that a URL leads to, for a program that goes through no proxy."""
        parts = urlsplit(url)
        return parts._replace(netloc=f"127.0.0.1:{self.ports[parts.netloc]}").geturl()

    def asked(self, source: str, event_id: str) -> set[str]:
        """Return the host names to which an event was sent."""
        lines = (self.folder / "asked.log").read_text().splitlines()
        requests_made = (line.rpartition(" ") for line in lines)
        return {name for event, _, name in requests_made if event == f"{source} {event_id}"}

    def stop(self) -> None:
        """Stop the proxy."""
        self.program.stop()

    def _configure(self) -> None:
        lines = [f'"{host}" "{port}";' for host, port in self.ports.items()]
        text = CONFIGURATION.format(
            folder=self.folder, port=self.port, version=self.version, ports="\n        ".join(lines)
        )
        (self.folder / "nginx.conf").write_text(text)

    def _is_new(self) -> bool:
        try:
            answer = requests.get(f"{self.url}/version", timeout=5)
        except requests.RequestException:
            return False
        return answer.text == str(self.version)


def host(namespace: str, name: str) -> str:
    """Return the name of a Service inside a cluster."""
    return f"{name}.{namespace}.svc.cluster.local"
