"""The columns that files are found by."""

from typing import Any

from chalicelib.core.files.search_terms import file_terms, normalize_text, result_words


def search_columns(
    owner: str, name: str, detected_type: str | None, result: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the parameters `search_terms` and `search_words`, both as text, of a file with these columns."""
    return {
        "search_terms": terms_literal(file_terms(owner, normalize_text(name), detected_type)),
        "search_words": words_literal(result_words(owner, result)),
    }


def terms_literal(terms: list[int]) -> str:
    """Return an array of PostgreSQL's, as text."""
    return "{" + ",".join(map(str, terms)) + "}"


def words_literal(words: list[str]) -> str | None:
    """Return a `tsvector`, as text; None without words. No word has a quote or a backslash."""
    return " ".join(f"'{word}'" for word in words) or None
