"""API tokens: what they look like, and which mistakes their check characters find."""

import re
from pathlib import Path

from chalicelib.core.accounts.api_tokens import digest_of, generate_token, is_api_token

GUIDE = Path(__file__).parents[2] / "docs/how-to/authenticate.md"


def test_a_token_matches_the_documented_pattern() -> None:
    [pattern] = re.findall(r"`(flt_\[.*?)`", GUIDE.read_text())
    tokens = {generate_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        assert re.fullmatch(pattern, token)
        assert is_api_token(token)


def test_every_wrong_character_is_found() -> None:
    token = generate_token()
    for position in range(len(token)):
        for other in "0Zz_":
            if token[position] != other:
                assert not is_api_token(token[:position] + other + token[position + 1 :])


def test_other_texts_are_none() -> None:
    token = generate_token()
    for text in (
        "",
        token[:-1],
        f"{token}0",
        f"{token}\n",
        f" {token}",
        token.replace("_", "-"),
        "é" * len(token),
    ):
        assert not is_api_token(text)


def test_the_check_characters_are_a_known_value() -> None:
    """Stored tokens stay valid in later versions."""
    assert is_api_token("flt_" + "0" * 32 + "2TQ8l8")


def test_a_digest_is_sha_256() -> None:
    assert digest_of("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
