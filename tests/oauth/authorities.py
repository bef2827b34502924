"""Certificates as trustme makes them, and the kinds that it does not."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.oauth.keys import key, pem

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)
NOW = datetime.now(UTC)
HOST = "127.0.0.1"


def serving_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Give what a server needs to show `certificate`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def self_signed(folder: Path) -> ssl.SSLContext:
    """Give a server that shows a certificate which only itself vouches for."""
    own = trustme.CA()
    own.cert_pem.write_to_path(str(folder / "self-signed.pem"))
    own.private_key_pem.write_to_path(str(folder / "self-signed.key"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "self-signed.pem", folder / "self-signed.key")
    return context


def self_signed_certificate(kind: str) -> tuple[str, str]:
    """Give a certificate for a key of `tests.oauth.keys`, and the key, both as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
    own = key(kind)
    assert isinstance(own, rsa.RSAPrivateKey)
    certificate = x509.CertificateBuilder(name, name, own.public_key(), 1, NOW - DAY, NOW + DAY).sign(
        own, hashes.SHA256()
    )
    return certificate.public_bytes(Encoding.PEM).decode(), pem(kind)


def add_authority(folder: Path, name: str, authority: trustme.CA) -> Path:
    """Do what a user does who trusts `authority`."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    authority.cert_pem.write_to_path(str(file))
    return file


def weak_authority(folder: Path, *, authority_bits: int, server_bits: int) -> ssl.SSLContext:
    """Add an authority with a key of so many bits to `folder`, and give a server that it vouches for."""
    folder.mkdir(exist_ok=True)
    authority_key = rsa.generate_private_key(65537, authority_bits)
    server_key = rsa.generate_private_key(65537, server_bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of old")])
    plain = x509.CertificateBuilder().issuer_name(name).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    authority = (
        plain.subject_name(name)
        .serial_number(1)
        .public_key(authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        plain.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]))
        .serial_number(2)
        .public_key(server_key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    (folder / "weak.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    chain = folder / "server.chain"
    key = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(server.public_bytes(Encoding.PEM) + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(chain)
    return context
