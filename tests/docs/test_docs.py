"""What the documents say of the program is so."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from muster.cli.main import COMMANDS

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
SETTINGS = REPOSITORY / "docs" / "operate" / "settings.md"

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)", re.DOTALL)
VARIABLE = re.compile(r"\b(?:MUSTER_[A-Z_]+|DATABASE_URL)\b")
READ_FROM_ENVIRONMENT = re.compile(
    r"(?:environ(?:\.get\(|\.pop\(|\[)|_flag\(|^    )\"(MUSTER_[A-Z_]+|DATABASE_URL)\"", re.MULTILINE
)


def read(path: Path) -> str:
    return path.read_text("utf-8")


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", read(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_link_within_the_project_leads_somewhere(document: Path) -> None:
    dead = []
    for link in LINK.findall(read(document)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name) if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_setting_that_is_read_is_described_and_none_besides() -> None:
    sources = [read(path) for path in (REPOSITORY / "src").rglob("*.py")]
    used = {name for source in sources for name in READ_FROM_ENVIRONMENT.findall(source)}
    assert "MUSTER_SMTP_HOST" in used
    assert set(VARIABLE.findall(read(SETTINGS))) == used


def test_every_command_that_the_documents_show_exists() -> None:
    shown = re.compile(r"(?:^\$ (?:\.venv/bin/)?|`)(?:MUSTER_\w+=\S+ )?muster ([a-z]+)", re.MULTILINE)
    for document in DOCUMENTS:
        if "adr" not in document.parts:
            assert set(shown.findall(read(document))) <= set(COMMANDS), document


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_described_with_each_of_its_options(name: str) -> None:
    lines = read(REPOSITORY / "docs" / "reference" / "commands.md").splitlines()
    told = [line for line in lines if re.match(rf"\| `muster {name}[ `]", line)]
    assert len(told) == 1
    command: click.Command = import_module(f"muster.cli.commands.{COMMANDS[name].module}").command
    options = {
        option
        for one in command.params
        if isinstance(one, click.Option) and not one.hidden
        for option in (*one.opts, *one.secondary_opts)
    }
    assert {option for option in options if not re.search(rf"{option}(?![\w-])", told[0])} == set()


def test_every_make_target_that_the_documents_show_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read(REPOSITORY / "Makefile"), re.MULTILINE))
    for document in DOCUMENTS:
        assert set(re.findall(r"(?:^\$ |`)make ([a-z]+)", read(document), re.MULTILINE)) <= targets, document


def test_the_code_points_to_no_document_outside_the_project() -> None:
    sources = {path: read(path) for path in (REPOSITORY / "src").rglob("*.py")}
    assert [path for path, text in sources.items() if re.search(r"\b[a-z]+, sections? \d", text)] == []
    named = {name for text in sources.values() for name in re.findall(r"\bdocs/[\w/-]+\.md", text)}
    assert named
    assert {name for name in named if not (REPOSITORY / name).exists()} == set()
