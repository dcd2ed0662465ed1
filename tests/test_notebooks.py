"""The lint of the lessons: template, counts, tags, sizes, outputs. That they run is nbval's part of the same pytest."""

import pathlib
import re

import english
import nbformat
import pytest

import conftest

NOTEBOOKS = pathlib.Path(__file__).parent.parent / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
SOLUTIONS = sorted((NOTEBOOKS / "solutions").glob("*.ipynb"))
GLOSSARY = NOTEBOOKS.parent / "docs" / "glossary.md"
TAGS = {"nbval-check-output"}
CHECKED_CELLS = range(3, 9)
LARGEST = 300_000  # bytes
LONGEST = 12  # lines of a code cell
MOST_CELLS = 45
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/])/(?:root|home|tmp|usr|var|opt|mnt|work|Users|private)\b|[A-Z]:\\\\")
TEXTS = ("text/plain", "text/html")
PICTURES = ("image/jpeg",)


def name(path):
    return f"{path.parent.name}/{path.stem}"


lessons = pytest.mark.parametrize("path", LESSONS, ids=name)
every_notebook = pytest.mark.parametrize(
    "path", LESSONS + SOLUTIONS, ids=lambda path: f"{path.parent.name}/{path.stem}"
)


def read(path):
    """Return a notebook as nbformat has it."""
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def headings(path, level):
    """Return the headings of a level, in order; those in fenced code do not count."""
    texts = (cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    text = re.sub(r"^```.*?^```", "", "\n".join(texts), flags=re.MULTILINE | re.DOTALL)
    return re.findall(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)


def section(path, title):
    """Return the cells from a heading of level 2 to the next one."""
    found, inside = [], False
    for cell in read(path).cells:
        if cell.cell_type == "markdown" and re.search(r"^## ", cell.source, flags=re.MULTILINE):
            inside = bool(re.search(rf"^## {title}", cell.source, flags=re.MULTILINE))
        if inside:
            found.append(cell)
    return found


def exercises(path):
    """Return the code cells of every exercise: what stands between two headings of level 3."""
    groups = []
    for cell in section(path, "Exercises"):
        if cell.cell_type == "code" and groups:
            groups[-1].append(cell)
        elif cell.cell_type == "markdown" and re.search(r"^### ", cell.source, flags=re.MULTILINE):
            groups.append([])
    return groups


def prose(path):
    """Return a lesson's text without the list of sources, every line a paragraph: lessons are counted line by line."""
    text = "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    return re.sub(r"^## Next and sources.*", "", text, flags=re.MULTILINE | re.DOTALL).replace("\n", "\n\n")


def is_settings(cell):
    """Say whether a cell assigns names, and all of them in capitals."""
    names = re.findall(r"^(\w+) = ", cell.source, flags=re.MULTILINE)
    return bool(names) and all(re.fullmatch(r"[A-Z][A-Z0-9_]*", name) for name in names)


def is_imports(cell):
    return bool(re.match(r"(import|from) ", cell.source))


def outputs(path):
    return [output for cell in code_cells(path) for output in cell.outputs]


def terms():
    """Return the words of the glossary and the numbers of their lessons; what stands in brackets may be left out."""
    rows = [line.split("|")[1:-1] for line in GLOSSARY.read_text().splitlines() if re.match(r"\| [^E]", line)]
    return [(re.sub(r"\(.*?\)", "", row[0]), number.strip()) for row in rows for number in row[-1].split(",")]


@pytest.mark.parametrize(("term", "number"), terms())
def test_lessons_use_the_words_of_the_glossary(term, number):
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown").lower()
    assert any(word.strip().lower() in text for word in term.split(","))


def test_there_are_lessons():
    assert LESSONS


@every_notebook
def test_is_valid(path):
    nbformat.validate(read(path))


@lessons
def test_title_names_the_number_of_the_file(path):
    number = int(path.stem[:2])
    titles = headings(path, 1)
    assert len(titles) == 1 and re.match(rf"{number}\. \w", titles[0])


@lessons
def test_begins_as_the_template(path):
    first = read(path).cells[0]
    assert first.cell_type == "markdown"
    title, sentence, *_ = [line for line in first.source.splitlines() if line]
    assert title.startswith("# ") and not sentence.startswith(("#", "-", "**"))
    text = "\n".join(cell.source for cell in read(path).cells[:2] if cell.cell_type == "markdown")
    assert re.search(r"^(## |\*\*)Goals", text, flags=re.MULTILINE)
    assert re.search(r"^(## |\*\*)Before you start", text, flags=re.MULTILINE)
    assert re.search(r"second|minute", text), "how long it takes"


@lessons
def test_ends_as_the_template(path):
    titles = [title for title in headings(path, 2) if title != "Check yourself"]
    assert titles[-3:] == ["Summary", "Exercises", "Next and sources"]
    assert len([title for title in titles if title not in ("Goals", "Before you start")]) > 4


@every_notebook
def test_imports_then_settings_with_a_seed(path):
    imports, settings, *_ = code_cells(path)
    assert is_imports(imports)
    assert is_settings(settings) and re.search(r"^SEED\b", settings.source, flags=re.MULTILINE)


@lessons
def test_asks_for_predictions(path):
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    assert re.search(r"predict before you run", text, flags=re.IGNORECASE)


@every_notebook
def test_was_run_from_top_to_bottom(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    counted = [
        (cell.execution_count, output.execution_count)
        for cell in cells
        for output in cell.outputs
        if output.output_type == "execute_result"
    ]
    assert all(of_cell == of_output for of_cell, of_output in counted)


@every_notebook
def test_knows_its_tags(path):
    tagged = {tag for cell in read(path).cells for tag in cell.metadata.get("tags", [])}
    assert tagged <= TAGS
    assert not {tag for cell in read(path).cells if cell.cell_type != "code" for tag in cell.metadata.get("tags", [])}


@lessons
def test_checks_some_outputs(path):
    checked = [cell for cell in code_cells(path) if "nbval-check-output" in cell.metadata.get("tags", [])]
    assert len(checked) in CHECKED_CELLS


@every_notebook
def test_checked_outputs_are_text(path):
    for cell in code_cells(path):
        if "nbval-check-output" in cell.metadata.get("tags", []):
            assert cell.outputs, "nothing to compare"
            assert not [output for output in cell.outputs if "image/jpeg" in output.get("data", {})]


@every_notebook
def test_is_small(path):
    assert path.stat().st_size <= LARGEST


@every_notebook
def test_stores_neither_errors_nor_stderr(path):
    assert not [output for output in outputs(path) if output.output_type == "error" or output.get("name") == "stderr"]


@every_notebook
def test_pictures_are_jpegs(path):
    kinds = {kind for output in outputs(path) for kind in output.get("data", {})}
    assert kinds <= {*TEXTS, *PICTURES}
    assert not any("data:image" in str(output.get("data", {}).get("text/html", "")) for output in outputs(path))
    assert not any(cell.get("attachments") for cell in read(path).cells)


@every_notebook
def test_code_cells_are_short(path):
    for cell in code_cells(path):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= LONGEST or is_imports(cell) or is_settings(cell), cell.source


@lessons
def test_is_one_sitting(path):
    assert len(read(path).cells) <= MOST_CELLS


@lessons
def test_sentences_are_short(path):
    assert english.sentences(prose(path)) and english.find_long(prose(path)) == {}


@lessons
def test_words_are_easy(path):
    assert english.find_hard(prose(path)) == []


@every_notebook
def test_names_no_absolute_path(path):
    texts = [cell.source for cell in read(path).cells]
    for output in outputs(path):
        texts += [output.get("text", ""), *(str(output.get("data", {}).get(kind, "")) for kind in TEXTS)]
    assert not [found.group() for text in texts for found in [ABSOLUTE_PATH.search(text)] if found]


@every_notebook
def test_links_lead_somewhere(path):
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


@every_notebook
def test_every_exercise_ends_in_a_check(path):
    found = exercises(path)
    assert len(found) >= 3
    assert all(cells and re.search(r"^\s*assert ", cells[-1].source, flags=re.MULTILINE) for cells in found)


@lessons
def test_has_solutions_to_the_same_exercises(path):
    solution = NOTEBOOKS / "solutions" / path.name
    assert solution.exists()
    assert len(exercises(solution)) == len(exercises(path))


def test_every_solution_has_a_lesson():
    assert [path.name for path in SOLUTIONS if not (NOTEBOOKS / path.name).exists()] == []


@pytest.mark.parametrize(
    ("printed", "exact", "near"),
    [
        ("L1 0.25", "L1 0.254999999", True),  # 0.255 is the edge
        ("L1 0.25", "L1 0.252", False),
        ("L1 0.50 of 3", "L1 0.50000000000 of 3", False),
        ("36.0%", "35.9505%", True),
        ("1.42e+03 ± 77", "1.424999e+03 ± 77.1", True),
        ("1.42e+03 ± 77", "1.4201e+03 ± 77.1", False),
        ("-0.00", "-0.00000000001", True),
        ("0.7832881212234497", "0.7832881212234497", True),  # not rounded at all
        ("1e-05", "1e-05", False),
        ("0.5 and -1.0", "0.5 and -1.0", False),
    ],
)
def test_numbers_near_an_edge_are_found(printed, exact, near):
    assert bool(conftest.find_near_edges(printed, exact)) is near


def test_a_cell_shows_more_digits():
    source = 'print(f"{x:.2f} {y:7.1%} {z:<8g} {name:20s}", "{0:+.3f}".format(w), 1.25)'
    expected = 'print(f"{x:.11f} {y:7.10%} {z:<8.15g} {name:20s}", "{0:+.12f}".format(w), 1.25)'
    assert conftest.with_more_digits(source) == expected
