"""Writes sizes and sums into a manifest of models/."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def update_manifest(manifest: Path, folder: Path) -> None:
    """Every file that the manifest names must be in `folder`."""
    content = json.loads(manifest.read_text("utf-8"))
    for file in content["files"]:
        data = (folder / file["path"]).read_bytes()
        file["size"], file["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    manifest.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
