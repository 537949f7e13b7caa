"""How waitress serves: the settings that `serve` and `demo` share.

Requests are buffered before a thread sees them, so slow clients hold none; the body limit is a
backstop, the small one with the empty answer is channels/request.py's.
"""

SERVER = {
    "threads": 16,
    "connection_limit": 500,
    "channel_timeout": 30,
    "max_request_body_size": 8 * 1024 * 1024,
    "max_request_header_size": 32 * 1024,
    "ident": None,
}
