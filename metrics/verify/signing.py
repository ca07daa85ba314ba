"""Signatures: Ed25519 keys as PEM, which any other tool reads too, and fingerprints by which people compare them."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)  # fmt: skip

from metrics.files import opened
from metrics.problems import InputError, Problem
from metrics.verify.layout import KEY, MOST

# A key's point by its height on the curve (RFC 8032); of those of order 1, 2, 4 and 8, which are no one's keys, there
# are signatures for any content.
_PRIME, _HEIGHT = 2**255 - 19, 2**255 - 1
_EIGHTH = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
_SMALL = {0, 1, _PRIME - 1, _EIGHTH, _PRIME - _EIGHTH}


@dataclass(frozen=True)
class Signer:
    """A private key that signs; it never shows itself."""

    key: Ed25519PrivateKey = field(repr=False)

    @property
    def public(self) -> bytes:
        """The public key as PEM."""
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def fingerprint(self) -> str:
        """The public key's fingerprint."""
        return _fingerprint(self.key.public_key())

    def sign(self, content: bytes) -> bytes:
        """The 64 bytes of the signature (RFC 8032); the same content has the same."""
        return self.key.sign(content)


def generated() -> bytes:
    """A new private key as PEM (PKCS #8, not encrypted)."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def signer_of(pem: bytes) -> Signer:
    """The private key of a PEM text. Raises ValueError where it is none, or of another kind."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return Signer(key)


def fingerprint_of(pem: bytes) -> str:
    """SHA-256 of a public key (DER), in hexadecimal digits. Raises ValueError where it is none, or of another kind."""
    return _fingerprint(_public(pem))


def is_signed(content: bytes, signature: bytes, pem: bytes) -> bool:
    """Whether the signature is this key's over this content."""
    try:
        _public(pem).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint_named(text: str) -> str:
    """The fingerprint that `--key` means: itself, or a file with a public key. Raises InputError for neither."""
    bare = re.sub(r"[\s:]", "", text.lower().removeprefix("sha256:"))
    if re.fullmatch(r"[0-9a-f]{64}", bare):
        return bare
    try:
        with opened(Path(text)) as file:
            return fingerprint_of(file.read(MOST[KEY]))
    except (OSError, ValueError) as error:
        raise InputError([Problem("bad_public_key", "--key", facts={"value": text})]) from error


def _public(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    if (int.from_bytes(key.public_bytes_raw(), "little") & _HEIGHT) % _PRIME in _SMALL:
        raise ValueError("a key by which anything counts as signed")
    return key


def _fingerprint(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
