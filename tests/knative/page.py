"""A person who follows docs/install.md on the cluster, in a checkout of their own."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tests.broker.stand import NAMESPACE
from tests.docs.blocks import Block, blocks, checkout, run
from tests.knative.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.knative.cluster import Cluster

NAMESPACES = re.compile(rf"namespace: ({NAMESPACE}|default)$", re.MULTILINE)


class Page:
    """The page's blocks; what needs images or a node is played."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, checkout(folder)
        self.blocks = list(blocks("install.md"))
        self.environment = {
            "KUBECONFIG": str(cluster.kubernetes.kubeconfig()),
            "PATH": os.pathsep.join([str(cluster.tools.folder / "bin"), os.environ["PATH"]]),
            "HOME": str(folder),
            "http_proxy": cluster.names.url,
        }

    def follow(self, deploy_functions: Callable[[], None]) -> str:
        """Go from the cluster to the first metric with Helm, and give the metric.

        Args:
            deploy_functions: what is done in place of `make deploy`.
        """
        for block in self.blocks:
            if "make deploy" in block.commands:
                deploy_functions()
            elif "curl" in block.commands:
                return self._ask(block)
            elif block.place in {"here", "cluster"}:
                self.run(block)
        raise ValueError("the page asks for no metric")

    def run(self, block: Block) -> str:
        """Run a block and give what it prints."""
        shown = run(block, self.folder, self.environment)
        if "helm upgrade" in block.commands:
            self.cluster.run_database_job()
        return shown

    def move(self, namespace: str) -> None:
        """Write another namespace for all that the page and the files name."""
        for file in self.folder.rglob("*.yaml"):
            text = NAMESPACES.sub(f"namespace: {namespace}", file.read_text())
            file.write_text(text.replace(f"name: {NAMESPACE}\n", f"name: {namespace}\n"))
        self.blocks = [
            Block(block.place, block.commands.replace(NAMESPACE, namespace))
            for block in self.blocks
        ]

    def _ask(self, question: Block) -> str:
        return wait_for("something is counted", lambda: self.run(question).removeprefix("[]"))
