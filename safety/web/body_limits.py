"""How many bytes a body may have, by its path. The door counts them before anything is read."""

# A long password, a long name and what a browser calls itself fit in 8 KiB many times over.
_SECRETS = 8 * 1024
_IMPORT = 1024 * 1024
_OTHER = 64 * 1024
# Comment plug-ins send what their server knows of the request along.
_COMMENT = 256 * 1024

_SECRET_PATHS = (
    "/v1/accounts",
    "/v1/sessions",
    "/v1/password-resets",
    "/v1/passwords",
    "/v1/totp",
    "/v1/captchas",
    "/gate",
    "/desk/sign-in",
)
# Rules and lists as texts; only whoever may change them is read at all.
_LARGE_PATHS = ("/desk/rules", "/desk/lists")


def body_limit(path: str) -> int:
    """The most bytes that an endpoint which is no decision reads."""
    if path == "/v1/accounts:import" or path.startswith(_LARGE_PATHS):
        return _IMPORT
    if path.startswith("/1.1/"):
        return _COMMENT
    return _SECRETS if path.startswith(_SECRET_PATHS) else _OTHER
