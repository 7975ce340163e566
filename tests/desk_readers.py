"""People at the desk, for tests: with cookies, with accounts, filling the forms of its pages."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from bs4 import BeautifulSoup
from datasette_auth_passwords.utils import hash_password

from db.desk.accounts import Account
from db.desk.app import Desk

HASH = {name: hash_password(f"pass {name}", salt="0123456789abcdef", iterations=1000) for name in ("mei", "lee")}
ACCOUNTS = [Account("mei", "editor", HASH["mei"]), Account("lee", "reader", HASH["lee"])]


class Browser:
    """One reader with cookies; fills the forms of pages."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cookies: dict[str, str] = {}

    def send(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {**kwargs.pop("headers", {})}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer: httpx.Response = asyncio.run(self.desk.client.request(method, path, headers=headers, **kwargs))
        self.cookies.update({name: value for name, value in answer.cookies.items() if value})
        return answer

    def get(self, path: str) -> httpx.Response:
        return self.send("GET", path)

    def post(self, path: str, page: str = "/stories", **fields: Any) -> httpx.Response:
        token = BeautifulSoup(self.get(page).text, "html.parser").select_one("input[name=csrftoken]")
        return self.send("POST", path, data={"csrftoken": token["value"] if token else "", **fields})

    def log_in(self, name: str, word: str = "") -> httpx.Response:
        return self.post("/-/login", "/-/login", username=name, password=word or f"pass {name}")
