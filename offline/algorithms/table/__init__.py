"""How are features made, sampled, reduced and drawn?"""
