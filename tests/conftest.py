"""What holds for every test."""

from __future__ import annotations

from offline.process.garbage import collected_seldom

# as in every process of the product
collected_seldom()
