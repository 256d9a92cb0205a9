"""Where a request comes from. Limits, logs, sessions and risk all ask here, so they agree."""

from fastapi import Request

from safety.gates.addresses import Proxies


def client_address(request: Request, proxies: Proxies) -> str:
    """The client's address: the peer's, or the one that proxies we trust have forwarded.

    `X-Forwarded-For` of anybody else is ignored, and so is every other forwarding header.
    """
    peer = request.client.host if request.client else ""
    return proxies.client(peer, request.headers.getlist("x-forwarded-for"))
