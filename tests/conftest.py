"""What holds for every test."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

from offline.process.garbage import collected_seldom

# as in every process of the product
collected_seldom()
# what hypothesis keeps names the folders of this machine: it stays out of the checkout
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / f"drylands-hypothesis-{os.getuid()}")
