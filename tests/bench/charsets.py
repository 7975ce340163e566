"""Real pages written again in old encodings, under right, wrong and missing labels: how many are read back unchanged.

Usage: python -m tests.bench.charsets [FOLDER ...]; without a folder the ones of ../shared/pages. A page takes part in
an encoding where it can be written in it; for Big5 it is converted to traditional characters first.
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import opencc

from db.charset import decode
from tests.bench.pages import FOLDERS, PAGES, read_index

ENCODINGS = ("gb18030", "gbk", "big5")
LABELS = ("right", "wrong", "missing")
_WRONG = {
    "gb18030": ("utf-8", "iso-8859-1", "big5"),
    "gbk": ("utf-8", "windows-1252", "big5"),
    "big5": ("utf-8", "gbk"),
}
_DECLARED = re.compile(r"(<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*)[\w.:-]+|^\s{0,64}<\?xml[^>]*\?>", re.IGNORECASE)


def written(page: str, encoding: str, traditional: opencc.OpenCC) -> bytes | None:
    """The page in an encoding, without a declaration; None where a character is not in it, or was lost before."""
    if "\ufffd" in page:
        return None
    text = _DECLARED.sub(lambda found: f"{found[1] or ''}" and "<meta data-was=", page)
    try:
        return (traditional.convert(text) if encoding == "big5" else text).encode(encoding)
    except UnicodeEncodeError:
        return None


def labelled(encoding: str, label: str) -> Iterator[str]:
    """The header values of one kind of label."""
    if label == "missing":
        yield "text/html"
    elif label == "right":
        yield f"text/html; charset={encoding}"
    else:
        yield from (f"text/html; charset={name}" for name in _WRONG[encoding])


def measure(pages: list[str]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]], list[str]]:
    """Pages tried and pages read back unchanged for (encoding, label), and what went wrong."""
    tried, same, missed = Counter[tuple[str, str]](), Counter[tuple[str, str]](), []
    traditional = opencc.OpenCC("s2t")
    for number, page in enumerate(pages):
        for encoding in ENCODINGS:
            body = written(page, encoding, traditional)
            if body is None or body.isascii():
                continue
            for label in LABELS:
                for header in labelled(encoding, label):
                    found = decode(body, header)
                    tried[encoding, label] += 1
                    if found.text == body.decode(encoding):
                        same[encoding, label] += 1
                    else:
                        high = sum(byte > 0x7F for byte in body)
                        missed.append(
                            f"page {number}: {encoding} as {header}: read as {found.charset}, {high} high bytes"
                        )
    return tried, same, missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", default=list(FOLDERS))
    parser.add_argument("--misses", action="store_true", help="say which were not read back")
    arguments = parser.parse_args()
    for folder in arguments.folders:
        paths: list[Path] = [row["path"] for row in read_index(folder)]
        tried, same, missed = measure([decode(gzip.decompress(path.read_bytes())).text for path in paths])
        print(f"{folder}: {PAGES / folder}")
        for key, count in sorted(tried.items()):
            print(f"  {key[0]:8s} {key[1]:8s} {same[key]:5d} of {count:5d}  {same[key] / count:7.2%}")
        if arguments.misses:
            print(*missed, sep="\n")


if __name__ == "__main__":
    main()
