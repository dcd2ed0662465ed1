"""Write the address of the repository into the lessons, so that one click opens them in Colab and in Binder.

    python scripts/publish.py OWNER/REPOSITORY [--branch main] [--folder .]

Where a clone is published on GitHub, or a teacher's copy of it, this is called once, and what it changed is committed:
every lesson gets its two badges; its install cell takes the package from there; its pictures are found wherever the
notebook is opened; `lessons.figure` downloads recorded figures and scores that are not on the disk. Called again, with
another address, it writes that one instead.
"""

import argparse
import json
import pathlib
import re
import urllib.parse

BADGES = re.compile(r"^\[!\[Open in Colab\].*\n?", re.MULTILINE)
PICTURE = re.compile(r"\]\((?:https://raw\.githubusercontent\.com/[^)\s]*/notebooks/)?figures/")
INSTALL = re.compile(r"%pip install --quiet \S+")
ADDRESS = re.compile(r"^ADDRESS = .*$", re.MULTILINE)


def badges(repository, branch, name):
    """Return the line with the badges of a lesson."""
    place = f"notebooks/{name}.ipynb"
    colab = f"https://colab.research.google.com/github/{repository}/blob/{branch}/{place}"
    binder = f"https://mybinder.org/v2/gh/{repository}/{branch}?labpath={urllib.parse.quote(place, safe='')}"
    return (
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) "
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    )


def rewrite(notebook, repository, branch, name):
    """Write the address into a lesson, a dict as of its file."""
    raw = f"https://raw.githubusercontent.com/{repository}/{branch}/notebooks/figures/"
    package = f"git+https://github.com/{repository}@{branch}"
    for number, cell in enumerate(notebook["cells"]):
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = PICTURE.sub(f"]({raw}", text)
            if number == 0:
                text = BADGES.sub("", text)
                text = re.sub(r"^(Study time.*)$", rf"\1\n{badges(repository, branch, name)}", text, flags=re.MULTILINE)
        elif "find_spec" in text:
            text = INSTALL.sub(f"%pip install --quiet {package}", text)
            text = text.replace("in Colab, where the repository is cloned and not installed", "in Colab")
        cell["source"] = text.splitlines(keepends=True)


def main():
    """Read the command line, and change what is in the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", metavar="OWNER/REPOSITORY")
    parser.add_argument("--branch", default="main")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(), help="the clone")
    options = parser.parse_args()
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", options.repository):
        parser.error(f"{options.repository}: expected OWNER/REPOSITORY, as in the address on GitHub")
    lessons = sorted((options.folder / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    for path in [*lessons, *sorted((options.folder / "notebooks" / "solutions").glob("*.ipynb"))]:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        rewrite(notebook, options.repository, options.branch, path.stem)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    code = options.folder / "pix2pix_tf" / "lessons.py"
    address = f"https://raw.githubusercontent.com/{options.repository}/{options.branch}/notebooks/figures/"
    code.write_text(ADDRESS.sub(f'ADDRESS = "{address}"', code.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    print(f"{len(lessons)} lessons with badges for {options.repository}; look at git diff, and commit it")


if __name__ == "__main__":
    main()
