"""How much of a long list is shown."""

from typing import Annotated

import typer

from tollgate_cli.resources.customers import MOST_A_PAGE

Limit = Annotated[int, typer.Option(min=0, help="Show at most so many; 0 shows all.")]


def a_page(limit: int) -> int:
    """The page to ask for: one more than is shown tells whether there are more."""
    return min(limit + 1, MOST_A_PAGE) if limit else MOST_A_PAGE
