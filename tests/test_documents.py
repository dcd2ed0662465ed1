"""The lint of the documents: their English, and where their links lead."""

import pathlib
import re

import english
import pytest

ROOT = pathlib.Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "data" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

documents = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def without_code(path):
    return re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)


def links(path):
    """Return the relative links of a document: pairs of a file, empty for the document itself, and an anchor."""
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code(path))
    return [target.partition("#")[::2] for target in targets if "://" not in target]


def anchors(path):
    """Return what the headings of a document are called in links."""
    titles = re.findall(r"^#+ (.+)$", without_code(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@documents
def test_sentences_are_short(path):
    assert english.sentences(path.read_text()) and english.find_long(path.read_text()) == {}


@documents
def test_words_are_easy(path):
    assert english.find_hard(path.read_text()) == []


@documents
def test_links_lead_to_files(path):
    assert [name for name, _ in links(path) if not (path.parent / name).exists()] == []


@documents
def test_anchors_are_headings(path):
    found = [(path.parent / name if name else path, anchor) for name, anchor in links(path) if anchor]
    assert [anchor for target, anchor in found if anchor not in anchors(target)] == []


def test_wrapped_lines_are_one_sentence():
    text = "# Title\nOne\ntwo. Three `a b`\n\n- four\n  five\n- six\n| a cell |\n```\ncode.\n```\nseven $a + b$."
    assert [part.split() for part in english.sentences(text)] == [
        ["One", "two."],
        ["Three", "x"],
        ["-", "four", "five"],
        ["-", "six"],
        ["seven", "x."],
    ]


def test_long_sentences_are_found():
    text = "0.57 of\n20,000 " + "words " * (english.MOST_WORDS - 3)
    assert english.find_long(text) == {}
    assert list(english.find_long(f"{text}\nmore.").values()) == [english.MOST_WORDS + 1]


def test_hard_words_are_found():
    assert english.find_hard("Easy.\nA clever\nword.") == ["A clever word."]
