"""How is the database opened, brought up to date, read and written?"""
