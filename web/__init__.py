"""The Flask application: how questions come in over HTTP and answers go out. `web.app.create_app` joins everything."""
