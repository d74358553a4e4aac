"""What may an expression name, and how large may it be? Signatures, registered algorithms, formulas, limits."""
