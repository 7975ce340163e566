"""The main language of a text, by its letters and its smallest words: a guess for filing and tagging.

Two dozen words a language are enough for an article and cost nothing. It does not tell close dialects apart.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_SAMPLE_CHARACTERS: Final = 4000
_FEW_WORDS: Final = 12  # below, the page's own word for its language counts more
_WORDS: Final[dict[str, frozenset[str]]] = {
    code: frozenset(words.split())
    for code, words in {
        "en": "the and of to in that is for with on was it as are by from this have has will not be at says how why",
        "de": "der die das und den nicht von mit ist im ein eine auf für dem des sich auch wird zu werden wie sind",
        "fr": "le la les des et est une dans pour que qui du sur pas au avec par ce il plus sont ont",
        "es": "el la los las de que y en un una por con para del se al es lo como más su",
        "it": "il di che la è per un una del non con della sono nel dei le gli si anche più al",
        "pt": "o os as de que e em um uma do da na para com não por dos mais foi ao são",
        "ca": "el la els les de que i en un una per amb del és al no ha dels més va aquest",
        "nl": "de het een en van in is dat op te voor met zijn niet aan er ook als bij door naar",
        "sv": "och att det i en som på är av för med den till inte har ett om kommer de från",
        "no": "og det i en som på er av for med den til ikke har et om å de fra var seg",
        "da": "og det i en som på er af for med den til ikke har et om at de fra blev sig",
        "fi": "ja on ei se että oli hän mutta myös kun ovat joka mukaan sekä kuin ole vuoden",
        "pl": "i w nie na się z że do jest to o jak po przez od za dla są tym który",
        "cs": "a se v na je že s z do o k i by pro jako si ale po jsou podle",
        "sk": "a sa v na je že s z do o k aj by pre ako si ale po sú podľa",
        "hu": "a az és hogy nem is egy volt meg azt csak már van ez mint szerint de",
        "ro": "și în de la a cu pe că nu din este un o pentru care mai sunt au fost",
        "hr": "i u je na se da su za od s o kao što nije će biti koji kako iz",
        "tr": "ve bir bu da de için ile olarak çok daha olan gibi sonra kadar ise ancak en",
        "id": "yang dan di dengan untuk dari ini dalam pada itu tidak akan ke adalah juga oleh",
        "vi": "và của là có không được cho trong một các với những này đã người khi tại về",
        "af": "die en van in is het dat nie op vir met wat te sy om aan hulle was deur",
        "lb": "an d'l vun dat mat fir ass net eng den och en op si war zum bei huet ginn",
        "is": "og að í á er sem var við ekki um það til hann með eru fyrir",
        "et": "ja on ei et ta see oli kui ka ning mis aga oma kes",
    }.items()
}
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SCRIPTS: Final = {
    "kana": re.compile("[\u3041-\u30fa\u30fc-\u30ff]"),
    "han": re.compile("[\u3400-\u9fff]"),
    "ko": re.compile("[\uac00-\ud7a3]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0620-\u06d3]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "th": re.compile("[\u0e01-\u0e5b]"),
    "hi": re.compile("[\u0904-\u0939]"),
    "latin": re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]"),
}
_WEIGHT: Final = {"han": 2.5, "kana": 2.0, "ko": 2.0}  # a Han character says about as much as two and a half letters


def main_language(text: str, declared: str = "") -> str:
    """ISO 639-1 code; "en" where Latin letters tell nothing else, "" where there are no letters and nothing declared.

    `declared`, the page's own tag (``zh-CN``), decides where the text can not: few words, or a language that is not
    known here but uses the letters seen.
    """
    said = re.split(r"[-_,;\s]", declared.strip().lower(), maxsplit=1)[0]
    said = said if len(said) == 2 and said.isascii() and said.isalpha() else ""
    sample = text[:_SAMPLE_CHARACTERS]
    if sample.isascii():
        return _latin(sample, said) if any(map(str.isalpha, sample)) else said
    seen = {name: len(found.findall(sample)) for name, found in _SCRIPTS.items()}
    weights = {name: count * _WEIGHT.get(name, 1.0) for name, count in seen.items()}
    weights["han"] += weights.pop("kana")
    script = max(weights, key=weights.__getitem__)
    if not weights[script]:
        return said
    if script == "han":
        return "ja" if seen["kana"] > 0.1 * (seen["kana"] + seen["han"]) else "zh"
    if script == "cyrillic":
        return _cyrillic(sample.lower(), said)
    if script == "arabic":
        return said if said in ("fa", "ur", "ps") else "ar"
    return _latin(sample, said) if script == "latin" else script


def _cyrillic(sample: str, said: str) -> str:
    if any(char in sample for char in "їєґ"):
        return "uk"
    if any(char in sample for char in "ђјљњћџ"):
        return "mk" if said == "mk" else "sr"
    return said if said in ("be", "kk", "mn") or (said == "bg" and "ы" not in sample) else "ru"


def _latin(sample: str, said: str) -> str:
    words = [word.replace("’", "'") for word in _WORD.findall(sample.lower())]
    count = Counter(words)
    hits = {code: sum(count[word] for word in known) for code, known in _WORDS.items()}
    best = max(hits, key=hits.__getitem__)  # the first, English, wins a tie
    if said in hits and hits[said] and (len(words) < _FEW_WORDS or hits[said] >= 0.9 * hits[best]):
        return said
    if hits[best] > 1 and hits[best] * 12 >= len(words):
        return best
    return said if said and said not in ("zh", "ja", *_SCRIPTS) else "en"
