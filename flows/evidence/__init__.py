"""What do satellites say of the practices in an assessed region?"""
