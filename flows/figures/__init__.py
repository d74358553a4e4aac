"""How is a result shown as a picture?"""
