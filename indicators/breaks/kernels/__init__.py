"""How are breaks of many pixels computed? Compiled code on Givens rotations."""
