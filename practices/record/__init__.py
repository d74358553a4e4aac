"""What is a documented practice, and is a record of one valid?"""
