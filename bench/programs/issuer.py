"""An issuer that gives everybody a token, as oidc-agent needs one to be set up with; prints its address."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer


class Issuer(BaseHTTPRequestHandler):
    """Publishes where it is, and issues the same token for an hour."""

    def do_GET(self) -> None:
        base = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]  # it is an HTTPServer
        self._answer(
            {
                "issuer": f"{base}/",
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "scopes_supported": ["openid", "offline_access"],
                "grant_types_supported": ["password", "refresh_token", "authorization_code"],
                "response_types_supported": ["code"],
            }
        )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(
            {
                "access_token": "token-00000000" * 4,
                "refresh_token": "refresh-0000",
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": "openid offline_access",
            }
        )

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, members: dict[str, object]) -> None:
        body = json.dumps(members).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    with HTTPServer(("127.0.0.1", 0), Issuer) as server:
        print(json.dumps(f"http://127.0.0.1:{server.server_port}/"), flush=True)
        server.serve_forever()
