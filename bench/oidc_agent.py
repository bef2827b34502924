"""oidc-agent beside Tokendeck: an agent of its own with one account, at an issuer on this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.stage import Stage

ACCOUNT = "bench"
NOT_THERE = "oidc-agent is not installed (oidc-agent-cli), or cannot be set up here"
PASSWORD = "nothing"  # noqa: S105 - of an account that is thrown away
LONGEST_S = 20


@contextmanager
def agent(stage: Stage) -> Iterator[dict[str, str] | None]:
    """Give the variables by which oidc-token finds the agent; None where there is none."""
    if shutil.which("oidc-agent") is None:
        yield None
        return
    with stage.child(*stage.program("issuer")) as issuer:
        issuer_url = issuer.answer()
        folder = stage.folder / "home" / ".oidc-agent"
        folder.mkdir(parents=True, mode=0o700)
        (folder / "issuer.config").write_text(f"{issuer_url} {ACCOUNT}\n", encoding="utf-8")
        command = ["oidc-agent", "--json"]
        started = subprocess.run(
            command,
            env=stage.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=LONGEST_S,
        )
        told = json.loads(started.stdout)
        variables = {"OIDC_SOCK": told["socket"], "OIDCD_PID": str(told["dpid"])}
        try:
            yield variables if _add(stage, variables, issuer_url) else None
        finally:
            subprocess.run(
                ["oidc-agent", "--kill"], env=stage.environment | variables, capture_output=True, check=False
            )


def _add(stage: Stage, variables: dict[str, str], issuer: str) -> bool:
    given = {"client-id": "me", "client-secret": PASSWORD, "iss": issuer, "scope": "openid offline_access"}
    given |= {"flow": "password", "op-username": "me", "op-password": PASSWORD, "pw-cmd": "echo nothing"}
    words = [f"--{name}={value}" for name, value in given.items()]
    done = subprocess.run(
        ["oidc-gen", "--manual", "--prompt=none", "--confirm-default", *words, ACCOUNT],
        env=stage.environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=LONGEST_S,
    )
    return done.returncode == 0
