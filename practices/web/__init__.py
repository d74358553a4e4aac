"""How is the database shown on the web? Pages, a JSON API, OGC API – Features, and editing after sign-in.

`app.create_app` makes the page from an engine. Style, script and maps are served from here, nothing is fetched.
"""
