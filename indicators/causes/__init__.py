"""What goes with the loss of land, and is it real or an artefact of a product?"""

from indicators.causes.artefact import BorderJump, border_jump
from indicators.causes.association import Association, goes_with
from indicators.causes.onset import LossOnset, loss_onset
from indicators.causes.patches import LEAST_CELLS, connected_patches
from indicators.causes.similar import similar_land
from indicators.causes.verdict import PatchVerdict, patch_verdict

__all__ = [
    "LEAST_CELLS",
    "Association",
    "BorderJump",
    "LossOnset",
    "PatchVerdict",
    "border_jump",
    "connected_patches",
    "goes_with",
    "loss_onset",
    "patch_verdict",
    "similar_land",
]
