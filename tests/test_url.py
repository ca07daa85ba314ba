"""Addresses: what stands in one is a choice, or told as the text that it is."""

import pytest
from streamlit.testing.v1 import AppTest


@pytest.mark.parametrize("typed", ["[x](http://evil.example)", "<b>2024</b>", "**2024**"])
def test_what_an_address_names_in_vain_is_told_as_text(typed: str) -> None:
    """Somebody who was sent a link is shown no link, picture or heading of whoever made it."""
    at = AppTest.from_string("from pages.parts.url import arrive\narrive('cycle', ['2024'])")
    at.query_params["cycle"] = typed
    (told,) = at.run().warning
    assert typed not in told.value
    assert typed in told.value.replace("\\", "")
