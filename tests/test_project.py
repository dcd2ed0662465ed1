"""The house itself: imports point one way, versions are decided in one place, no package index is named."""

import ast
import pathlib
import re
import subprocess

import pytest
import tomllib

ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT / "pix2pix_tf"

# The reading order: a module imports only from modules above it.
ORDER = (
    "errors",
    "system",
    "decoding",
    "ids",
    "images",
    "lab",
    "streets",
    "convolutions",
    "blocks",
    "generators",
    "discriminators",
    "losses",
    "optimizers",
    "metrics",
    "pretrained",
    "datasets",
    "translation",
    "augmentation",
    "palettes",
    "colorization",
    "instances",
    "semantics",
    "styles",
    "editing",
    "perceptual",
    "image_pool",
    "critic",
    "method",
    "pix2pix",
    "cyclegan",
    "phases",
    "pix2pixhd",
    "from_noise",
    "gan",
    "registry",
    "plots",
    "lessons",
    "runs",
    "training",
    "evaluation",
    "cli",
)


def floor(path):
    """Return the name of the module or subpackage of pix2pix_tf that a file belongs to."""
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imported(path):
    """Return the modules of pix2pix_tf that a file imports, by their first name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "pix2pix_tf":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pix2pix_tf."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("pix2pix_tf.")}
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def test_every_module_has_its_place_in_the_reading_order():
    assert {floor(path) for path in FILES} == set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path):
    here = floor(path)
    above = set(ORDER[: ORDER.index(here) + 1])
    assert imported(path) <= above


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_plots_imports_matplotlib(path):
    assert floor(path) == "plots" or "matplotlib" not in path.read_text()


def subpackage_imports(folder):
    """Return, for every file of a subpackage, the files beside it that it imports when it is loaded."""
    name = ".".join(folder.relative_to(ROOT).parts)
    graph = {}
    for path in folder.glob("*.py"):
        top = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom)]
        names = {alias.name for node in top if node.module == name for alias in node.names}
        names |= {
            node.module.removeprefix(f"{name}.").split(".")[0]
            for node in top
            if (node.module or "").startswith(f"{name}.")
        }
        graph[path.stem] = {other for other in names if (folder / f"{other}.py").exists()}
    return graph


@pytest.mark.parametrize("folder", [path.name for path in sorted(PACKAGE.iterdir()) if (path / "__init__.py").exists()])
def test_no_import_cycles_within_a_subpackage(folder):
    graph = subpackage_imports(PACKAGE / folder)
    done = set()
    while ready := {name for name in graph.keys() - done if graph[name] <= done}:
        done |= ready
    assert done == graph.keys(), f"in a cycle: {sorted(graph.keys() - done)}"


def project():
    """Return the tables of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_conda_environment_installs_the_package_with_extras_that_exist():
    text = (ROOT / "environment.yml").read_text()
    lines = re.findall(r"- pip:\n((?:\s+- .*\n?)+)", text)
    assert len(lines) == 1
    installed = re.findall(r"- (.*)", lines[0])
    assert len(installed) == 1, "versions are decided in pyproject.toml, so pip installs the package and nothing else"
    extras = re.fullmatch(r"-e \.\[(.*)\]", installed[0]).group(1).split(",")
    assert set(extras) <= project()["project"]["optional-dependencies"].keys()
    assert {"notebooks", "test"} <= set(extras)


def test_conda_environment_has_a_python_that_the_package_accepts():
    minor = int(re.search(r"- python=3\.(\d+)", (ROOT / "environment.yml").read_text()).group(1))
    lowest, above = map(int, re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project()["project"]["requires-python"]).groups())
    assert lowest <= minor < above


def test_extras_are_those_that_the_readme_names():
    extras = project()["project"]["optional-dependencies"]
    assert extras.keys() == {"gpu", "notebooks", "test", "torch"}
    assert extras["torch"] == ["torch==2.13.0", "prdc==0.2"]
    assert all(f"`{name}`" in (ROOT / "README.md").read_text() for name in extras)


def test_continuous_integration_runs_the_command_of_the_readme():
    command = 'python -m pip install -e ".[test]" && pytest'
    assert command in (ROOT / "README.md").read_text()
    assert command in (ROOT / ".ci" / "run").read_text()


def test_no_tracked_file_names_a_package_index():
    words = (("index", "-url"), ("find", "-links"), ("files.python", "hosted"), ("pypi", r"\.org"))
    pattern = "|".join("".join(halves) for halves in words)  # in halves, so that this file is not found
    listed = subprocess.run(["git", "grep", "-lIE", pattern], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 128:
        pytest.skip("not a git checkout")
    assert listed.stdout.split() == []
