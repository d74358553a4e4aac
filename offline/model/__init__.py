"""What are images, collections, features and values made of?"""
