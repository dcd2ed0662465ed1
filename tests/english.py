"""The rule of lessons and documents: short sentences and easy words, because many readers learn English too."""

import re

MOST_WORDS = 22  # of a sentence
HARD_WORDS = re.compile(
    r"\b(dear|bluff|timid|louder|heaps|at the rim|of its own|the very|clever|cannot but)\b|, yet\b", flags=re.IGNORECASE
)
WORD = re.compile(r"[A-Za-z0-9](?:[\w'’-]|[.,](?=\d))*")  # 0.57 and 20,000 are one word each
ITEM = re.compile(r"\s*([-*]|\d+\.) ")


def sentences(text):
    """Return the sentences of a text in Markdown, without code, formulas, tables and headings."""
    text = re.sub(r"^```.*?^```|\$\$.*?\$\$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"\$[^$]*\$|`[^`]*`", "x", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    blocks = _blocks(re.sub(r"<[^>]*>", "\n\n", text).splitlines())
    return [part for block in blocks for part in re.split(r"(?<=[.!?])[\"”)*_]*\s+", block) if part.strip()]


def _blocks(lines):
    """Join the wrapped lines of every paragraph and list item."""
    blocks = [""]
    for line in lines:
        is_text = line.strip() and not line.startswith(("#", "|"))
        if not is_text or ITEM.match(line):
            blocks.append("")
        if is_text:
            blocks[-1] += line.strip() + " "
    return blocks


def find_long(text):
    """Return the sentences of a text that have too many words, with their numbers of words."""
    counts = {part: len(WORD.findall(part)) for part in sentences(text)}
    return {part: count for part, count in counts.items() if count > MOST_WORDS}


def find_hard(text):
    """Return the sentences of a text that have hard words."""
    return [part for part in sentences(text) if HARD_WORDS.search(part)]
