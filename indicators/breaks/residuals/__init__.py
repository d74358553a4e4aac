"""How did vegetation change beyond what rain explains, and what is that associated with? TSS-RESTREND and its parts."""
