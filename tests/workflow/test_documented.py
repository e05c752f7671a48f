"""Every target that the docs name in a command can be planned, with the configuration that they name beside it."""

import re
import shutil
from pathlib import Path

import pytest

from documented import COMMANDS, ROOT


def test_the_docs_name_all_files_of_configuration_and_all_figures_of_the_makefile():
    named = {Path(target).stem for targets in COMMANDS.values() for target in targets}
    made = re.search(r"^FIGURES := (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()
    assert set(made) <= named
    assert {path.name for path in ROOT.glob("*.yaml")} - {"config.yaml"} <= {
        name for files in COMMANDS for name in files
    }


@pytest.mark.parametrize("files", sorted(COMMANDS), ids=" ".join)
def test_every_command_of_the_docs_can_be_planned(files, copy, tmp_path):
    project = copy(tmp_path / "project")
    shutil.copy2(ROOT / "config.yaml", project.folder / "config.yaml")
    for part in ("resources/organisms", *(path.name for path in ROOT.glob("*.yaml") if path.name != "config.yaml")):
        (project.folder / part).parent.mkdir(exist_ok=True)
        (project.folder / part).symlink_to(ROOT / part)
    for converted in ("llava-video-7b", "videollama3-7b"):  # folders that their users make
        project.add_model(f"models/{converted}")
    assert COMMANDS[files] and project.plan(*sorted(COMMANDS[files]), *(["--configfile", *files] if files else []))
