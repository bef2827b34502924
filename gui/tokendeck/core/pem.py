"""PEM text (RFC 7468), told by its labels: no key is decoded, and nothing of one is ever told."""

from __future__ import annotations

import base64
import re

from tokendeck.core.frozen import dataclass

BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
PLAIN_KEYS = frozenset({"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"})
CERTIFICATE = "CERTIFICATE"


@dataclass(frozen=True, slots=True)
class Block:
    """One labelled piece of a PEM text."""

    label: str
    body: str
    """Base64 in one piece, and whatever else stood there."""

    @property
    def text(self) -> str:
        """The piece alone, in lines of its own."""
        lines = [self.body[start : start + 64] for start in range(0, len(self.body), 64)]
        return "\n".join([f"-----BEGIN {self.label}-----", *lines, f"-----END {self.label}-----", ""])


def blocks_in(text: str) -> tuple[Block, ...]:
    r"""Give what is labelled in `text`, also where its line ends have become blanks or the two characters `\n`."""
    return tuple(
        Block(label, "".join(body.replace("\\r", "").replace("\\n", "").split())) for label, body in BLOCK.findall(text)
    )


def private_key_in(text: str) -> str:
    """Give the one private key of a text that `private_key_complaint` has nothing against, without what is around."""
    return next(block.text for block in blocks_in(text) if block.label in PLAIN_KEYS)


def certificates_in(text: str) -> str:
    """Give the certificates of a text in their order, without what is around."""
    return "".join(block.text for block in blocks_in(text) if block.label == CERTIFICATE)


def fingerprint(text: str) -> str:
    """Give the first certificate's, as OpenSSL spells it; empty where there is none that could be read."""
    import hashlib  # loads OpenSSL, and no list needs a fingerprint to be painted

    certificates = [block for block in blocks_in(text) if block.label == CERTIFICATE]
    try:
        der = base64.b64decode(certificates[0].body, validate=True) if certificates else b""
    except ValueError:
        return ""
    return f"SHA-256 {hashlib.sha256(der).digest().hex(':').upper()}" if der else ""


def private_key_complaint(text: str) -> str:
    """Say what should stand there instead of `text`; empty where one private key does, that anybody could read."""
    blocks = blocks_in(text)
    keys = [block for block in blocks if block.label.endswith("PRIVATE KEY")]
    if len(keys) > 1:
        return "one private key, and no other"
    if not keys and any(block.label.endswith("PUBLIC KEY") for block in blocks):
        return "the private key; this is the public one, which the provider gets"
    if not keys and blocks:
        return "a private key in PEM form, not only what belongs to it"
    if not keys:
        return "a private key in PEM form, from its line -----BEGIN PRIVATE KEY----- to its END line"
    if "ENCRYPTED" in keys[0].label or "ENCRYPTED" in keys[0].body:
        return "a private key without a passphrase of its own; the vault encrypts it"
    if keys[0].label not in PLAIN_KEYS:
        return "a private key that begins with -----BEGIN PRIVATE KEY----- (PKCS #8)"
    return ""


def certificate_complaint(text: str) -> str:
    """Say what should stand there instead of `text`; empty where certificates do, and no key."""
    if "PRIVATE KEY" in text:
        return "certificates alone; a private key goes into its own field, where it is kept secret"
    if not certificates_in(text):
        return "a certificate in PEM form, from its line -----BEGIN CERTIFICATE----- to its END line"
    return ""
