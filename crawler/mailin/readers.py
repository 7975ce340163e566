"""Takes out of a mail's texts for whom it was meant: addresses, names, greetings. Pure.

What is to be kept of a mail passes here first. A name that is also a common word of the mail (Will, Rose) goes only
where somebody is spoken to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_GREETING = (
    r"(?:Hi|Hello|Hey|Dear|Hallo|Liebe[rs]?|Bonjour|Cher|Chère|Hola|Ciao|Thanks|Thank you|Good morning"
    r"|Welcome(?: back)?|您好|你好|尊敬的|亲爱的|親愛的)"
)
_LATIN = r"[A-ZÀ-Þ][\w'’.-]{1,30}(?: [A-ZÀ-Þ][\w'’.-]{1,30}){0,3}"
_HAN = r"[\u4e00-\u9fff·]{2,5}"
_GREETED = re.compile(rf"^{_GREETING}[\s,，]*(?P<name>{_LATIN}|(?<=的){_HAN})?\s*[,，!！:：.。]+\s*")
_INTENDED = re.compile(
    rf"(?:e-?mail|message|newsletter|邮件|郵件)[^.。!]{{0,40}}?(?:intended for|sent (?:to|for)|addressed to|发送给|寄给"
    rf"|收件人(?:[:：]|是))\s*(?P<name>{_LATIN}|{_HAN})"
)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\W\d_][\w'-]+")
_SHORTEST = 3  # letters of a name that is looked for by itself
_LEFT_OVER = re.compile(r"^[\s,，:：!！]+|[\s,，:：]+$")


@dataclass(frozen=True, slots=True)
class Readers:
    """`whole`: addresses and full names, which never stand in a kept text; `names`: their parts."""

    whole: tuple[str, ...]
    names: tuple[str, ...]
    common: frozenset[str]  # parts that the mail also uses as words

    def without(self, text: str) -> str:
        """The text without them; a greeting goes as a whole. "" where it was about the reader."""
        if any(one in text.lower() for one in self.whole):
            return ""
        text = _GREETED.sub("", text)
        for name in self.names:
            spoken = rf"(?:{_GREETING}\s+|(?<=for )|(?<=to )){re.escape(name)}\b|\b{re.escape(name)}(?=\s*[,，!！])"
            text = re.sub(spoken if name in self.common else rf"(?<!\w){re.escape(name)}(?!\w)", "", text)
        return _LEFT_OVER.sub("", re.sub(r"  +", " ", text))


def readers_of(known: Iterable[str], texts: Iterable[str], authors: str) -> Readers:
    """Whom headers (`known`) and the mail itself (`texts`) name as its readers. `authors` are not among them."""
    texts = list(texts)
    named = [*known, *(found["name"] for text in texts for found in _INTENDED.finditer(text))]
    greeted = {found["name"] for text in texts if (found := _GREETED.match(text)) and found["name"]}
    named = [one for one in dict.fromkeys(named) if one.lower() not in authors.lower()]
    whole = tuple(one.lower() for one in named if "@" in one or " " in one or not one.isascii())
    sure = {word for one in named if "@" not in one for word in _WORD.findall(one) if len(word) >= _SHORTEST}
    parts = {word for word in (*sure, *greeted) if word not in _WORD.findall(authors)}
    said = {word for text in texts for word in text.split() if word.islower()}
    # A greeting may be to anybody ("Hi TikTok,"), so that it alone makes no name.
    common = frozenset(part for part in parts if part.lower() in said or part not in sure)
    return Readers(whole=whole, names=tuple(sorted(parts, key=len, reverse=True)), common=common)


def without_addresses(text: str) -> str:
    """The text without any mail address: in a newsletter it is the sender's furniture or somebody's own."""
    return _ADDRESS.sub("", text)
