"""What figures ask for: what they show, and no more."""

import shutil

from expected import EXPLORER, FIG6, FIG6_DISPLACED, FIG7, FIG9, displaced, drawn, ids, steered


def test_what_is_known_of_a_model_is_written_into_its_figure_alone(project):
    project.config(lambda config: config["models"]["a"].update(taught="nothing"))
    assert project.plan() == drawn("codes") | EXPLORER


def test_what_is_known_of_depth_in_a_models_training_is_written_into_figure_7_alone(project):
    project.config(lambda config: config["models"]["a"].update(rho=0.97))
    assert project.plan() == FIG7


def test_a_family_is_written_into_figure_9_alone(project):
    project.config(lambda config: config["models"]["a"].update(family="one recipe"))
    assert project.plan() == FIG9


def test_a_figure_asks_only_for_what_it_shows(project):
    shutil.rmtree(project.folder / "results")
    plan = project.plan("--cores", "8", "results/figures/fig6.pdf")
    assert {file for file in plan if "figures" in file} == FIG6 - EXPLORER
    assert displaced("ab", FIG6_DISPLACED) | ids("ab", ("spatial",)) <= plan and not any(
        "swapping" in file for file in plan
    )
    assert {file for file in plan if "steering" in file} == steered("ab", {"left-right"})


def test_the_explorer_shows_emergence_where_a_trajectory_is_configured_and_asks_for_no_other_figure(project):
    project.config(lambda config: config["figures"].update(emergence=["a", "b"]))
    assert project.plan(*EXPLORER) == drawn("emergence") | EXPLORER
    shutil.rmtree(project.folder / "results/figures")
    shown = "fig5-layers", "codes", "fig2", "fig4", "figa6-a7", "figa14-a15", "fig6", "fig8", "verdict", "emergence"
    assert project.plan(*EXPLORER) == drawn(*shown) | EXPLORER
