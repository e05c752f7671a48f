"""What an edit of the code makes Snakemake run again: what imports it, and nothing else."""

import pytest

from expected import (
    ACROSS,
    COMPARED,
    DIAGNOSIS,
    EXCHANGED,
    EXPLORER,
    FIG2,
    FIG4,
    FIG6,
    FIG6_PAPER,
    FIG7,
    FIG8,
    FIG9,
    FIG_A16,
    FIG_A18,
    FIG_A19,
    FIG_A20,
    FIG_A21,
    FIGA6_A7,
    FIGA8,
    FIGA14_A15,
    FIGURES,
    LEARNED,
    MOVED,
    OF_PARTS,
    PLACED,
    SPRITES,
    SWAPS,
    TABLE_C1,
    VERDICT,
    diagnosed,
    displaced,
    drawn,
    finetuned,
    ids,
    moved,
    parts,
    positions,
    steered,
    stimuli,
    swapped,
)

EDITED = moved("ab") | swapped("ab") | MOVED | SWAPS | DIAGNOSIS  # by what all experiments import
EDITS = {
    "figures/style.py": FIGURES | LEARNED,
    "figures/fig6.py": FIG6,
    "figures/ruler_marks.py": EXCHANGED | FIG6 | ACROSS | TABLE_C1,
    "figures/exchange/fig2.py": FIG2,
    "figures/exchange/marks.py": EXCHANGED,
    "figures/exchange/steerability.py": FIG9,
    "statistics/association.py": FIG9,
    "figures/across/fig7.py": FIG7,
    "figures/across/marks.py": ACROSS,
    "figures/across/figa16.py": FIG_A16,
    "figures/across/tablec1.py": TABLE_C1,
    "figures/ruler_panels.py": FIG6,
    "figures/paper/beside.py": COMPARED,
    "figures/paper/numbers.py": TABLE_C1 | FIG_A21,
    "figures/parts/compared.py": FIG_A19 | FIG_A20,
    "figures/parts/figa18.py": FIG_A18,
    "ids/comparing.py": parts("ab") | FIG_A18 | FIG_A19 | FIG_A20,
    "ids/positional.py": positions("ab") | FIG_A21 | drawn("codes", "images-needed") | EXPLORER,
    "figures/fig6_paper.py": FIG6 | FIG6_PAPER,  # its panels stand in figure 6, too
    "figures/fig5_layers.py": drawn("fig5-layers") | EXPLORER,
    "figures/codes.py": drawn("codes", "images-needed") | EXPLORER,
    "explorer/page/page.css": EXPLORER,
    "figures/images_needed.py": drawn("images-needed"),
    "figures/swaps/marks.py": SWAPS,
    "figures/swaps/panels.py": SWAPS,
    "figures/swaps/fig4.py": FIG4,
    "figures/swaps/figa6_a7.py": FIGA6_A7,
    "figures/swaps/figa14_a15.py": FIGA14_A15,
    "figures/diagnosis/marks.py": DIAGNOSIS,
    "figures/diagnosis/fig8.py": FIG8,
    "figures/diagnosis/figa8.py": FIGA8,
    "figures/diagnosis/verdict.py": VERDICT,
    "statistics/verdicts.py": DIAGNOSIS,
    "statistics/bootstrap.py": MOVED | SWAPS | DIAGNOSIS | LEARNED | drawn("images-needed"),
    "statistics/choosing.py": EXCHANGED | TABLE_C1,
    "ids/plane.py": ids("ab") | moved("ab") | PLACED | parts("ab") | positions("ab") | OF_PARTS | finetuned(),
    "experiments/steering.py": steered("ab") | FIG6 | FIG6_PAPER | TABLE_C1,
    "experiments/displacing.py": displaced("ab") | EXCHANGED | FIG6 | ACROSS,
    "experiments/swapping.py": swapped("ab") | SWAPS,
    "experiments/diagnosing.py": diagnosed("ab") | DIAGNOSIS,
    "experiments/running.py": EDITED,
    "engine/interventions.py": EDITED,
    "engine/fan_out.py": EDITED,
    "engine/swaps.py": swapped("ab") | SWAPS,
    "experiments/methods/comparing.py": set(),  # the default run compares no methods
    "statistics/symptoms.py": set(),
    "organisms/lessons/curriculum.py": set(),
}


@pytest.mark.parametrize("room", EDITS)
def test_an_edit_of_the_library_reruns_what_imports_it_and_nothing_else(project, room):
    project.append(f"scripts/linmech/{room}", "\n# edited\n")
    assert project.plan() == EDITS[room]


def test_an_edit_of_a_layout_lays_out_its_own_data_sets_only(project):
    project.append("scripts/linmech/stimuli/layouts/near_far.py", "\n# edited\n")
    plan = project.plan()
    assert stimuli("near-far") <= plan and not any("activations" in file or "ids" in file for file in plan)
    assert {file for file in plan if "steering" in file} == steered("ab", {"near-far"})


def test_an_edit_of_the_renderer_renders_again_and_where_no_sprite_changes_caches_nothing(project):
    project.append("scripts/linmech/rendering/solids.py", "\n# edited\n")
    assert SPRITES in project.plan(SPRITES)
    scenes = [f"results/stimuli/{name}/manifest.parquet" for name in ("scenes", "untied", "depths")]
    rendered = project.snakemake(
        "--touch", "--cores", "1", "--forcerun", "render_sprites", "write_scenes", "--", SPRITES, *scenes
    )
    assert rendered.returncode == 0, rendered.stdout  # as if it had run, and come out the same
    assert project.plan() == set()


def test_an_edit_of_a_script_reruns_its_rule_and_what_comes_after(project):
    project.append("scripts/derive_ids.py", "\n# edited\n")
    assert project.plan() == ids("ab") | moved("ab") | PLACED | positions("ab") | FIG_A21 | finetuned()


def test_a_harmless_edit_of_a_folder_of_meshes_runs_nothing_again(project):
    meshes = project.folder / "resources/meshes"
    meshes.mkdir()
    (meshes / "objects.tsv").write_text("noun\tfile\n" + "".join(f"noun{n}\t{n}.obj\n" for n in range(8)))
    for n in range(8):
        (meshes / f"{n}.obj").write_text(f"mesh {n}\n")
    project.config(lambda config: config["objects"].update(source="folder", folder="resources/meshes"))
    assert project.snakemake("--touch", "--forceall", "--cores", "1").returncode == 0
    assert project.plan() == set()
    (meshes / ".DS_Store").write_text("x")
    project.append("resources/meshes/objects.tsv", "\n\n")
    assert project.plan() == set()
    project.append("resources/meshes/0.obj", "v 0 0 0\n")
    assert "results/objects/index.tsv" in project.plan()
