"""What a reader's form sends, within bounds. That it came from our own page the gate and Datasette have checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from datasette.utils.asgi import Base400

_MAX_FIELDS = 600


class BadForm(Base400):  # type: ignore[misc]  # datasette carries no types
    """A form that none of our pages sends."""


@dataclass(frozen=True, slots=True)
class Form:
    pairs: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """The last value of a field, "" if it is not there."""
        return next((value for key, value in reversed(self.pairs) if key == name), "")

    def all(self, name: str) -> list[str]:
        return list(dict.fromkeys(value for key, value in self.pairs if key == name and value))

    def number(self, name: str) -> int | None:
        """A row id; None where the field is empty. Raises BadForm for anything else."""
        text = self.get(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) < 16):
            raise BadForm(f"{name} is no number")
        return int(text)

    def local_path(self, name: str, default: str) -> str:
        """A path on this desk, never an address elsewhere."""
        path = self.get(name)
        ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
        return path if ours and "\\" not in path and len(path) < 2000 else default


async def form_of(request: Any) -> Form:
    try:
        body = (await request.post_body()).decode("utf-8")
        return Form(tuple(parse_qsl(body, keep_blank_values=True, max_num_fields=_MAX_FIELDS)))
    except ValueError as error:
        raise BadForm("the form can not be read") from error
