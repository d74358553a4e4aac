"""The web page of the good-practice database: pages, a JSON API, OGC API – Features, and editing behind a login.

`app.create_app` makes it from an engine. Nothing is fetched from elsewhere: style, script and maps are our own.
"""
