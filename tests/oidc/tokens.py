"""Keys of an issuer, and the tokens that it, or an attacker, makes with them."""

import base64
import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER = "https://issuer.example/"
AUDIENCE = "files"


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:  # noqa: ARG001  # each number has a key of its own
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk(key: Any, key_id: str = "one", **members: Any) -> dict[str, Any]:
    """Return the public key as issuers publish it."""
    public = key.public_key()
    algorithm: Any = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm}
    form = next((form for kind, form in algorithm.items() if isinstance(key, kind)), OKPAlgorithm)
    published = {name: value for name, value in form.to_jwk(public, as_dict=True).items() if name != "key_ops"}
    return {**published, "kid": key_id, "use": "sig", **members}


def key_set(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a valid token. A change to None removes one."""
    now = int(time.time())
    valid = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300, **changes}
    return {name: value for name, value in valid.items() if value is not None}


def token(payload: dict[str, Any] | None = None, key: Any = None, algorithm: str = "RS256", **header: Any) -> str:
    """Return a token of these claims, by default valid ones, signed with the key, by default the issuer's."""
    return jwt.encode(payload or claims(), key or rsa_key(), algorithm, headers={"kid": "one", **header})


def raw_token(header: str, payload: str, key: Any = None) -> str:
    """Return a token of any text as header and payload, signed with RS256."""
    signing_input = f"{_encode(header.encode())}.{_encode(payload.encode())}"
    signature = jwt.get_algorithm_by_name("RS256").sign(signing_input.encode(), key or rsa_key())
    return f"{signing_input}.{_encode(signature)}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
