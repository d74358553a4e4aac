"""How well do the methods find the known changes of the simulated landscape?"""
