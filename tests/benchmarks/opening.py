"""Seconds of a processor until the explorer's page can be used, and how much of it is drawn then.

    python tests/benchmarks/opening.py results/explorer.html [--repeats 5]

Needs Chromium and playwright (`pip install -e .[test]`, `apt-get install chromium`). The page's own work, as Chromium
counts it: the network has no part in it.
"""

import argparse
import os
import shutil
import statistics
from pathlib import Path

from playwright import sync_api


def main() -> None:
    """Open the page some times and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    found = []
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        for _ in range(given.repeats):
            page = chromium.new_page()
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.goto(given.page.resolve().as_uri())
            page.wait_for_selector("html[data-ready]", state="attached")
            metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
            found.append(metrics["TaskDuration"])
            drawn, plots = page.locator(".js-plotly-plot").count(), page.locator(".drawing").count()
            page.close()
        chromium.close()
    size = f"{given.page.stat().st_size / 1e6:.1f} MB, {drawn} of {plots} plots drawn"
    print(f"{given.page}, {size}: median {statistics.median(found):.2f} s, {found}")


if __name__ == "__main__":
    main()
