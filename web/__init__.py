"""The Flask application: how questions come in over HTTP and answers go out. `web.app.create_app` joins everything."""

import os

# Before numpy is loaded: the threads of its algebra wait by spinning, which doubles the CPU of one small answer.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
