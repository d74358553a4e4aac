"""How is a result drawn as a figure?"""
