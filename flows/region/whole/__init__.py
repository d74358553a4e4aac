"""What does a block need to know of the whole region before its pixels are judged?"""
