"""Where tests find the checkout, and the real data beside it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Real data, where somebody has put them; tests that need them are skipped without.
SHARED = ROOT.parent / "shared" / "data"
