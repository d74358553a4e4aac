"""How do we talk to Earth Engine: sign in, request, and what does a failure mean?"""
