"""Laws of the page about a run: every job counts once, and what it tells is what is there."""

from pathlib import Path

import pytest

from linmech.figures.paper import run_page
from linmech.figures.paper.run_page import costs, versions, write_page


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    jobs = {
        "identify_model/a": 6,
        "identify_model/b": 12,
        "steer_model/near/a": 60,
        "steer_model/near/b": 120,
        "plot": 3,
    }
    for name, seconds in jobs.items():
        file = tmp_path / "logs" / f"{name}.tsv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"s\tmax_pss\n1\t-\n{seconds}\t1024\n")  # the last of two tries
    return tmp_path / "logs"


def test_jobs_are_summed_by_rule_and_those_of_other_models_left_out(logs):
    whole, own = costs(logs).set_index("rule"), costs(logs, "a").set_index("rule")
    assert whole.loc["steer_model"].tolist() == [2, 3.0, 2.0, 1.0] and whole.index[-1] == "all"
    assert whole.loc["all", "jobs"] == 5 and whole.loc["all", "minutes"] == pytest.approx(3.35)
    assert own.loc["all", "jobs"] == 3 and own.loc["steer_model", "minutes"] == 1.0 and "plot" in own.index


def test_a_run_without_benchmark_files_has_no_jobs(tmp_path):
    assert costs(tmp_path).to_dict("list")["jobs"] == [0]


def test_the_page_tells_times_versions_and_the_configuration_and_escapes_it(logs, tmp_path, monkeypatch):
    monkeypatch.setattr(run_page, "PACKAGES", ("numpy", "no-such-package"))
    assert versions()["no-such-package"] == "not in this rule's environment"
    write_page({"seed": 0, "note": "</pre><script>"}, logs, tmp_path / "run.html")
    text = (tmp_path / "run.html").read_text()
    assert (
        "steer_model" in text
        and versions()["numpy"] in text
        and '"seed": 0' not in text
        and "&quot;seed&quot;: 0" in text
    )
    assert "<script>" not in text and "http" not in text
